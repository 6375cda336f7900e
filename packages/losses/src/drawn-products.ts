import {
  add,
  customGrad,
  gather,
  mul,
  slice,
  stack,
  sum,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tidy,
  unsortedSegmentSum,
  zerosLike,
} from '@tensorflow/tfjs-core';

/**
 * Inner products of each vector with the rows that were drawn for it: `out_tk = x_t · y_{rows(t, k)}`.
 *
 * The drawn vectors are gathered for one `k` at a time, in the backward pass again, so that memory is
 * `O(T · K + (T + N) · D)`. Gathered at once they would take `T · K · D`.
 *
 * @param vectors `[T, D]`
 * @param others `[N, D]`
 * @param rows `[T · K]` rows of `others`, term by term
 * @returns `[T, K]`
 */
export function drawnProducts(vectors: Tensor, others: Tensor, rows: Int32Array): Tensor {
  const terms = vectors.shape[0]!;
  const perTerm = rows.length / terms;
  const drawn = (k: number): Tensor1D =>
    tensor1d(
      Int32Array.from({ length: terms }, (_, t) => rows[t * perTerm + k]!),
      'int32',
    ); // [T]
  const op = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
    const [x, y] = inputs as [Tensor, Tensor];
    save([x, y]);
    const columns = Array.from({ length: perTerm }, (_, k) => tidy(() => sum(mul(x, gather(y, drawn(k))), 1))); // [T]
    return {
      value: stack(columns, 1),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => productGradients(upstream, saved as [Tensor, Tensor], drawn),
    };
  });
  return tidy(() => op(vectors, others));
}

/** `∂x_t = Σ_k u_tk y_{rows(t, k)}` and `∂y_n = Σ_{t, k: rows(t, k) = n} u_tk x_t`. */
function productGradients(upstream: Tensor, [x, y]: [Tensor, Tensor], drawn: (k: number) => Tensor1D): Tensor[] {
  const [terms, perTerm] = upstream.shape as [number, number];
  let sums: Tensor[] = [zerosLike(x), zerosLike(y)];
  for (let k = 0; k < perTerm; k++) {
    const previous = sums;
    sums = tidy(() => {
      const weights = slice(upstream, [0, k], [terms, 1]); // [T, 1]
      const ids = drawn(k);
      return [
        add(previous[0]!, mul(weights, gather(y, ids))),
        add(previous[1]!, unsortedSegmentSum(mul(weights, x), ids, y.shape[0]!)),
      ];
    });
    for (const each of previous) each.dispose();
  }
  return sums;
}
