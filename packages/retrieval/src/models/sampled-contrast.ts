import { l2Normalize, seededRandom } from '@sifaka/nn';
import {
  add,
  concat,
  gather,
  logSumExp,
  mean,
  mul,
  reshape,
  type Scalar,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';

export interface SampledContrastOptions {
  /** `1 / τ` */
  readonly temperature: number;
  /** Negatives per item. */
  readonly count: number;
  readonly seed: number;
}

/**
 * CIC as EM3's public code computes it: `½ (c → z + z → c)` over cosines, each direction with the item's own vector and
 * `count` vectors drawn uniformly from all items, with replacement. The same items serve both directions, and an item
 * may draw itself.
 *
 * @param content `[N, D]`
 * @param ids `[N, D]`
 */
export function sampledContrast(
  content: Tensor,
  ids: Tensor,
  { temperature, count, seed }: SampledContrastOptions,
): Scalar {
  const [size, width] = content.shape as [number, number];
  const random = seededRandom(seed);
  const drawn = Int32Array.from({ length: size * count }, () => Math.floor(random() * size));
  return tidy(() => {
    const [c, z] = [l2Normalize(content), l2Normalize(ids)];
    const direction = (from: Tensor, to: Tensor) => {
      const own = sum(mul(from, to), 1, true); // [N, 1]
      const others = reshape(gather(to, tensor1d(drawn, 'int32')), [size, count, width]);
      const negatives = sum(mul(reshape(from, [size, 1, width]), others), 2); // [N, count]
      const logits = mul(concat([own, negatives], 1), temperature);
      return mean(sub(logSumExp(logits, 1), reshape(mul(own, temperature), [-1])));
    };
    return mul(add(direction(c, z), direction(z, c)), 0.5) as Scalar;
  });
}
