import { assertShape, assertWhole } from '@sifaka/nn';
import {
  concat,
  customGrad,
  gather,
  reshape,
  slice,
  type Tensor,
  tensor1d,
  tidy,
  topk,
  zeros,
} from '@tensorflow/tfjs-core';

/**
 * Returns the largest values of each row, largest first. Unlike TensorFlow.js's `topk`, it has a gradient.
 *
 * @param x `[B, L]`
 * @param top number of values per row. Default `L`.
 * @returns `[B, top]`
 * @throws {@link ShapeError} if `x` does not have two axes.
 * @throws RangeError if `top` is not a whole number from 0 to `L`.
 */
export function sortDescending(x: Tensor, top?: number): Tensor {
  assertShape('sortDescending', x, ['B', 'L']);
  const [batch, length] = x.shape as [number, number];
  const wanted = top ?? length;
  assertWhole('sortDescending', { top: wanted }, 0, length);
  // WASM's topk divides by the length, which would be 0.
  if (batch === 0 || wanted === 0) return slice(x, [0, 0], [batch, wanted]);
  const op = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
    const { values, indices } = topk(inputs[0] as Tensor, wanted, true);
    save([indices]);
    return {
      value: values,
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const sources = sourcesOf(saved[0]!.dataSync() as Int32Array, wanted, length);
        const candidates = concat([reshape(upstream, [-1]), zeros([1])]); // [B · top + 1]
        return reshape(gather(candidates, tensor1d(sources, 'int32')), [batch, length]);
      },
    };
  });
  return tidy(() => op(x));
}

/**
 * For each element of `[B, L]`: its index among the `B · top` largest values, or `B · top` if it is not one of them.
 */
function sourcesOf(indices: Int32Array, top: number, length: number): Int32Array {
  const sources = new Int32Array((indices.length / top) * length).fill(indices.length);
  for (let k = 0; k < indices.length; k++) sources[Math.floor(k / top) * length + indices[k]!] = k;
  return sources;
}
