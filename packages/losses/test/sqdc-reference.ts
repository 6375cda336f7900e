/** A batch as plain numbers, for the loss written in loops. */
export interface SqdcBatch {
  readonly queries: readonly number[][];
  readonly documents: readonly number[][];
  readonly items: readonly number[];
  readonly documentOf: readonly number[];
  readonly sessions: readonly number[];
  readonly labels: readonly number[];
  readonly hasQuery?: readonly number[];
  readonly temperature?: number;
  readonly negatives?: 'positives' | 'all';
  readonly maskSession?: boolean;
  readonly maskSameItem?: boolean;
}

/**
 * LEMUR's `l_SQDC`, term by term as the paper prints it, divided by the number of terms; in double precision.
 *
 * `l_i = −log( exp(sim(q_i, d_i)·T) / Σ_j A_ij exp(sim(q_i, d_j)·T) )`, `A_ij = 0` if `i ≠ j` and `QID_i = QID_j`, else
 * 1.
 */
export function sqdcByLoops(batch: SqdcBatch): number {
  const { queries, documents, items, documentOf, sessions, labels } = batch;
  const { hasQuery, temperature = 50, negatives = 'positives', maskSession = true, maskSameItem = true } = batch;
  let total = 0;
  let terms = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 1 || hasQuery?.[i] === 0) continue;
    let denominator = 0;
    for (let j = 0; j < labels.length; j++) {
      if (negatives === 'positives' && labels[j] !== 1) continue;
      if (maskSession && i !== j && sessions[i] === sessions[j]) continue;
      if (maskSameItem && i !== j && items[i] === items[j]) continue;
      denominator += Math.exp(sim(queries[i]!, documents[documentOf[j]!]!) * temperature);
    }
    total -= Math.log(Math.exp(sim(queries[i]!, documents[documentOf[i]!]!) * temperature) / denominator);
    terms++;
  }
  return terms === 0 ? 0 : total / terms;
}

function sim(q: readonly number[], d: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
  return dot(q, d) / Math.sqrt(dot(q, q) * dot(d, d));
}
