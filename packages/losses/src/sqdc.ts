import { assertShape, ShapeError } from '@sifaka/nn';
import { gather, type Scalar, scalar, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { infoNce } from './info-nce.js';
import {
  allowedByAll,
  exposedMask,
  historyMask,
  type NegativeMask,
  sameItemMask,
  sessionMask,
} from './negative-mask.js';

/** One history per row of the batch, all of one length. */
export interface LikedHistory {
  /** `[B · length]` item ids, row by row; −1 is padding. */
  readonly items: ArrayLike<number>;
  /** Ids per row. */
  readonly length: number;
}

export interface SqdcOptions {
  /** Item of each row of the batch. */
  readonly items: ArrayLike<number>;
  /** For each row of the batch, the row of `documents` that holds its item's vector. */
  readonly documentOf: ArrayLike<number>;
  /** Session (QID) of each row of the batch; −1 = none, which equals no other. */
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
  /** Also masks items that the row's user liked before; needs `history`. Not in the paper's formula. Default false. */
  readonly maskHistory?: boolean;
  /** Items that each row's user liked before. A batch's `histories.liked` fits. */
  readonly history?: LikedHistory;
  /**
   * Also masks items that the row's user was shown in this batch and did not like, unless `disliked`; needs `users`. LEMUR's team does so in
   * production; it is not in the paper's formula. Default false.
   */
  readonly maskExposed?: boolean;
  /** User of each row of the batch. */
  readonly users?: ArrayLike<number>;
  /** 1 where the user rejected the item: it stays a negative. Default: nowhere. */
  readonly disliked?: ArrayLike<number>;
  /** `'sum'` is the paper's; the mean keeps λ independent of the batch size. Default `'mean'`. */
  readonly reduction?: 'mean' | 'sum';
  /** Subtracts the mean vectors of queries and of documents in play before the cosines; see {@link infoNce}. Not in the paper's formula. Default false. */
  readonly centre?: boolean;
}

/**
 * Session-masked query-to-document contrast (LEMUR, arXiv 2511.10962 §3):
 *
 * `l = Σ over rows i with label 1 of −log[ e^{T·cos(q_i, d_i)} / Σ_j A_ij e^{T·cos(q_i, d_j)} ]`, `A_ij = 0` if `i ≠ j` and `QID_i = QID_j`.
 *
 * The paper's own form is `{ reduction: 'sum', maskSameItem: false }`. By default the sum is divided by the number of its terms, and other
 * rows of the query's own document are masked; the masks of histories and exposures are there to be switched on.
 *
 * @param queries `[B, D]`: q_i of each row
 * @param documents `[U, D]`: vectors of the batch's distinct items
 * @returns a scalar; 0 when no row has both a positive label and a query.
 * @throws {@link ShapeError} if something has another length than the labels, RangeError if a row's document is outside `documents` or a
 *   mask lacks what it needs.
 */
export function sqdc(queries: Tensor, documents: Tensor, options: SqdcOptions): Scalar {
  const { documentOf, labels, hasQuery, temperature = 50, negatives = 'positives' } = options;
  const { centre = false, reduction = 'mean' } = options;
  checkRows(queries, documents, options);
  const rows = Array.from({ length: labels.length }, (_, i) => i);
  const asking = rows.filter((i) => labels[i] === 1 && (hasQuery === undefined || hasQuery[i] === 1));
  const offered = negatives === 'all' ? rows : rows.filter((i) => labels[i] === 1);
  if (asking.length === 0) return scalar(0);
  const placeOf = new Map(offered.map((row, place) => [row, place]));
  const positives = asking.map((row) => placeOf.get(row)!);
  const [mask, ...otherMasks] = masksOf(options, asking, offered, positives);
  return tidy(() =>
    infoNce(
      gather(queries, tensor1d(asking, 'int32')), // [N, D]
      gather(documents, tensor1d(pick(documentOf, offered), 'int32')), // [M, D]
      {
        scale: temperature,
        positives,
        centre,
        reduction,
        ...(mask === undefined ? {} : { mask: allowedByAll(mask, ...otherMasks) }),
      },
    ),
  );
}

/** The masks that are on, from rows that ask to rows that are offered. */
function masksOf(
  options: SqdcOptions,
  asking: readonly number[],
  offered: readonly number[],
  positives: readonly number[],
): NegativeMask[] {
  const { items, sessions, users, history } = options;
  const { maskSession = true, maskSameItem = true, maskHistory = false, maskExposed = false } = options;
  const offeredItems = pick(items, offered);
  const masks: NegativeMask[] = [];
  if (maskSession) masks.push(sessionMask(pick(sessions, asking), pick(sessions, offered), positives));
  if (maskSameItem) masks.push(sameItemMask(pick(items, asking), offeredItems, positives));
  if (maskHistory) {
    const { items: liked, length } = history!;
    const before = (row: number) => Array.from({ length }, (_, k) => liked[row * length + k]!);
    masks.push(historyMask(asking.map(before), offeredItems, positives));
  }
  if (maskExposed) {
    masks.push(exposedMask(pick(users!, asking), offeredItems, positives, { ...options, users: users! }));
  }
  return masks;
}

function pick(values: ArrayLike<number>, rows: readonly number[]): number[] {
  return rows.map((row) => values[row]!);
}

function checkRows(queries: Tensor, documents: Tensor, options: SqdcOptions): void {
  const { items, documentOf, sessions, labels, hasQuery = labels, disliked = labels } = options;
  const { history, users = labels, maskHistory, maskExposed } = options;
  if (maskHistory && history === undefined) {
    throw new RangeError('sqdc: expected a history with maskHistory, got none');
  }
  if (maskExposed && options.users === undefined)
    throw new RangeError('sqdc: expected users with maskExposed, got none');
  assertShape('sqdc: queries', queries, [labels.length, 'D']);
  assertShape('sqdc: documents', documents, ['U', queries.shape[1]!]);
  for (const [name, values] of Object.entries({ items, documentOf, sessions, hasQuery, users, disliked })) {
    if (values.length !== labels.length) throw new ShapeError(`sqdc: ${name}`, `[${labels.length}]`, [values.length]);
  }
  if (history !== undefined && history.items.length !== labels.length * history.length) {
    throw new ShapeError('sqdc: history', `[${labels.length} · ${history.length}]`, [history.items.length]);
  }
  const numDocuments = documents.shape[0]!;
  for (let row = 0; row < documentOf.length; row++) {
    if (!(documentOf[row]! >= 0 && documentOf[row]! < numDocuments)) {
      throw new RangeError(`sqdc: expected the document of row ${row} among ${numDocuments}, got ${documentOf[row]}`);
    }
  }
}
