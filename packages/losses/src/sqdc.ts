import { assertShape, ShapeError } from '@sifaka/nn';
import { gather, type Scalar, scalar, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { infoNce } from './info-nce.js';
import { allowedByAll, sameItemMask, sessionMask } from './negative-mask.js';

export interface SqdcOptions {
  /** Item of each row of the batch. */
  readonly items: ArrayLike<number>;
  /** For each row of the batch, the row of `documents` that holds its item's vector. */
  readonly documentOf: ArrayLike<number>;
  /** Session (QID) of each row of the batch. */
  readonly sessions: ArrayLike<number>;
  /** 1 where the user liked (watched, clicked) the item: only these rows have a positive. */
  readonly labels: ArrayLike<number>;
  /** Rows without a query text say 0 and take no part as queries. Default: all 1. */
  readonly hasQuery?: ArrayLike<number>;
  /** `T`, which multiplies the cosine. Default 50, the paper's best (τ = 0.02). */
  readonly temperature?: number;
  /** Which rows stand in the denominators. Default `'positives'`, the paper's best (Table 6). */
  readonly negatives?: 'positives' | 'all';
  /** LEMUR's mask `A`. Off is the paper's ablation "w/o session-level mask". Default true. */
  readonly maskSession?: boolean;
  /** Also masks rows that hold the query's own positive item. Not in the paper's formula. Default true. */
  readonly maskSameItem?: boolean;
  /**
   * Subtracts the batch's mean vectors before the cosines; see {@link infoNce}. Not in the paper's formula. The mean is over
   * all rows in play: a masked one stands in no denominator but in the mean. Default false.
   */
  readonly centre?: boolean;
}

/**
 * Session-masked query-to-document contrast (LEMUR, arXiv 2511.10962 §3):
 *
 * `l = mean over rows i with label 1 of −log[ e^{T·cos(q_i, d_i)} / Σ_j A_ij e^{T·cos(q_i, d_j)} ]`, `A_ij = 0` if `i ≠ j` and `QID_i = QID_j`.
 *
 * The paper sums over positives; the mean keeps λ independent of the batch size.
 *
 * @param queries `[B, D]`: q_i of each row
 * @param documents `[U, D]`: vectors of the batch's distinct items
 * @returns a scalar; 0 when no row has both a positive label and a query.
 * @throws {@link ShapeError} if something has another length than the labels, RangeError if a row's document is outside `documents`.
 */
export function sqdc(queries: Tensor, documents: Tensor, options: SqdcOptions): Scalar {
  const {
    items,
    documentOf,
    sessions,
    labels,
    hasQuery,
    temperature = 50,
    negatives = 'positives',
    centre = false,
  } = options;
  checkRows(queries, documents, options);
  const rows = Array.from({ length: labels.length }, (_, i) => i);
  const asking = rows.filter((i) => labels[i] === 1 && (hasQuery === undefined || hasQuery[i] === 1));
  const offered = negatives === 'all' ? rows : rows.filter((i) => labels[i] === 1);
  if (asking.length === 0) return scalar(0);
  const placeOf = new Map(offered.map((row, place) => [row, place]));
  const positives = asking.map((row) => placeOf.get(row)!);
  const pick = (values: ArrayLike<number>, chosen: readonly number[]) => chosen.map((row) => values[row]!);
  const masks = [
    ...((options.maskSession ?? true) ? [sessionMask(pick(sessions, asking), pick(sessions, offered), positives)] : []),
    ...((options.maskSameItem ?? true) ? [sameItemMask(pick(items, asking), pick(items, offered), positives)] : []),
  ];
  const [firstMask, ...otherMasks] = masks;
  return tidy(() =>
    infoNce(
      gather(queries, tensor1d(asking, 'int32')), // [N, D]
      gather(documents, tensor1d(pick(documentOf, offered), 'int32')), // [M, D]
      {
        scale: temperature,
        positives,
        centre,
        ...(firstMask === undefined ? {} : { mask: allowedByAll(firstMask, ...otherMasks) }),
      },
    ),
  );
}

function checkRows(queries: Tensor, documents: Tensor, options: SqdcOptions): void {
  const { items, documentOf, sessions, labels, hasQuery = labels } = options;
  assertShape('sqdc: queries', queries, [labels.length, 'D']);
  assertShape('sqdc: documents', documents, ['U', queries.shape[1]!]);
  for (const [name, values] of Object.entries({ items, documentOf, sessions, hasQuery })) {
    if (values.length !== labels.length) throw new ShapeError(`sqdc: ${name}`, `[${labels.length}]`, [values.length]);
  }
  const numDocuments = documents.shape[0]!;
  for (let row = 0; row < documentOf.length; row++) {
    if (!(documentOf[row]! >= 0 && documentOf[row]! < numDocuments)) {
      throw new RangeError(`sqdc: expected the document of row ${row} among ${numDocuments}, got ${documentOf[row]}`);
    }
  }
}
