import { assertChoice, assertNumber, assertShape, assertWhole, ShapeError } from '@sifaka/nn';
import { gather, type Scalar, scalar, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { assertFlags, assertIntegers } from './check-options.js';
import { infoNce } from './info-nce.js';
import { type MaskRule, maskByRules, notLikedByUser } from './mask-rules.js';
import { assertPairs, type PairLimit } from './pair-limit.js';

/** One history per row of the batch, all of one length. */
export interface LikedHistory {
  /** `[B · length]` item ids, row by row; −1 is padding. */
  readonly items: ArrayLike<number>;
  /** Ids per row. */
  readonly length: number;
}

export interface SqdcOptions extends PairLimit {
  /** Item of each row of the batch. */
  readonly items: ArrayLike<number>;
  /** For each row of the batch, the row of `documents` with its item's vector. */
  readonly documentOf: ArrayLike<number>;
  /** Session (QID) of each row of the batch; −1 means no session and equals no other. */
  readonly sessions: ArrayLike<number>;
  /** 1 where the user liked the item. Only these rows have a positive. */
  readonly labels: ArrayLike<number>;
  /** 0 for rows without a query. They are excluded as queries, but remain candidates. Default: all 1. */
  readonly hasQuery?: ArrayLike<number>;
  /** `T`, multiplies the cosines. Default 50 (τ = 0.02), the paper's best value (Table 6). */
  readonly temperature?: number;
  /** Rows in the denominators: liked rows or all rows. Default `'positives'`, the paper's best choice (Table 6). */
  readonly negatives?: 'positives' | 'all';
  /** LEMUR's mask `A`: see {@link sessionMask}. Default true. The paper ablates it in Table 5. */
  readonly maskSession?: boolean;
  /** Masks other rows of the positive item: see {@link sameItemMask}. Default true. Not in the paper. */
  readonly maskSameItem?: boolean;
  /**
   * Masks items that the row's user liked before: see {@link historyMask}. Needs `history`. Default false. Not in the
   * paper.
   */
  readonly maskHistory?: boolean;
  /** Items that each row's user liked before. A batch's `histories.liked` fits. */
  readonly history?: LikedHistory;
  /**
   * Masks items that the row's user was shown in this batch and did not like: see {@link exposedMask}. Needs `users`.
   * Default false. Not in the paper.
   */
  readonly maskExposed?: boolean;
  /** User of each row of the batch; −1 means unknown. */
  readonly users?: ArrayLike<number>;
  /** 1 where the user rejected the item; `maskExposed` keeps it as a negative. Default: none. */
  readonly disliked?: ArrayLike<number>;
  /** Over liked rows with a query. Default `'mean'`: λ is then independent of the batch size. The paper sums. */
  readonly reduction?: 'mean' | 'sum';
  /**
   * Subtracts the mean query and the mean document before the cosines: see {@link infoNce}. Default false. Not in the
   * paper.
   */
  readonly centre?: boolean;
}

/**
 * Session-masked query-to-document contrast (LEMUR, arXiv 2511.10962 §3):
 *
 * `l_SQDC = Σ_{i: label_i = 1} −log[ e^{T·cos(q_i, d_i)} / Σ_j A_ij e^{T·cos(q_i, d_j)} ]`, with `A_ij = 0` if `i ≠ j`
 * and `QID_i = QID_j`, otherwise 1.
 *
 * Rows without a query have no term in the sum. The paper's form is `{ reduction: 'sum', maskSameItem: false }`.
 *
 * @param queries `[B, D]` query vector of each row
 * @param documents `[U, D]` vectors of the batch's distinct items
 * @returns a scalar, owned by the caller; a constant 0 if no liked row has a query.
 * @throws {@link ShapeError} if an option does not have one value per label.
 * @throws RangeError for more pairs than `maxPairs`, a temperature that is not positive, an unknown choice, labels and
 * flags other than 0 and 1, ids that are not integers, a document that is not in `documents`, or a mask that lacks
 * `history` or `users`.
 */
export function sqdc(queries: Tensor, documents: Tensor, options: SqdcOptions): Scalar {
  const { documentOf, labels, hasQuery, temperature = 50, negatives = 'positives' } = options;
  const { centre = false, reduction = 'mean' } = options;
  assertNumber('sqdc', { temperature }, { above: true });
  assertChoice('sqdc', { negatives }, ['positives', 'all']);
  assertChoice('sqdc', { reduction }, ['mean', 'sum']);
  checkRows(queries, documents, options);
  const rows = Array.from({ length: labels.length }, (_, i) => i);
  const queryRows = rows.filter((i) => labels[i] === 1 && (hasQuery === undefined || hasQuery[i] === 1));
  const candidateRows = negatives === 'all' ? rows : rows.filter((i) => labels[i] === 1);
  const advice = negatives === 'all' ? "a smaller batch, negatives: 'positives'," : 'a smaller batch';
  assertPairs('sqdc', queryRows.length, candidateRows.length, options, advice);
  if (queryRows.length === 0) return scalar(0);
  const candidateOf = new Map(candidateRows.map((row, index) => [row, index]));
  const positives = queryRows.map((row) => candidateOf.get(row)!);
  const rules = maskRules(options, queryRows, candidateRows);
  return tidy(() =>
    infoNce(
      gather(queries, tensor1d(queryRows, 'int32')), // [N, D]
      gather(documents, tensor1d(pick(documentOf, candidateRows), 'int32')), // [M, D]
      {
        scale: temperature,
        positives,
        centre,
        reduction,
        maxPairs: Number.MAX_SAFE_INTEGER, // checked above
        ...(rules.length === 0 ? {} : { mask: maskByRules(positives, candidateRows.length, rules) }),
      },
    ),
  );
}

/** The enabled masks. */
function maskRules(options: SqdcOptions, queryRows: readonly number[], candidateRows: readonly number[]): MaskRule[] {
  const { items, sessions, users, history } = options;
  const { maskSession = true, maskSameItem = true, maskHistory = false, maskExposed = false } = options;
  const candidateItems = pick(items, candidateRows);
  const rules: MaskRule[] = [];
  if (maskSession) {
    rules.push({ candidateKeys: pick(sessions, candidateRows), keysOf: (query) => [sessions[queryRows[query]!]!] });
  }
  if (maskSameItem) rules.push({ candidateKeys: candidateItems, keysOf: (query) => [items[queryRows[query]!]!] });
  if (maskHistory) {
    const { items: liked, length } = history!;
    const keysOf = (query: number) => Array.from({ length }, (_, k) => liked[queryRows[query]! * length + k]!);
    rules.push({ candidateKeys: candidateItems, keysOf });
  }
  if (maskExposed) {
    const notLiked = notLikedByUser({ ...options, users: users! });
    rules.push({ candidateKeys: candidateItems, keysOf: (query) => notLiked.get(users![queryRows[query]!]!) ?? [] });
  }
  return rules;
}

function pick(values: ArrayLike<number>, rows: readonly number[]): number[] {
  return rows.map((row) => values[row]!);
}

function checkRows(queries: Tensor, documents: Tensor, options: SqdcOptions): void {
  const { items, documentOf, sessions, labels, hasQuery, disliked, history, users, maskHistory, maskExposed } = options;
  if (maskHistory && history === undefined) {
    throw new RangeError('sqdc: expected a history with maskHistory, got none');
  }
  if (maskExposed && users === undefined) throw new RangeError('sqdc: expected users with maskExposed, got none');
  assertShape('sqdc: queries', queries, [labels.length, 'D']);
  assertShape('sqdc: documents', documents, ['U', queries.shape[1]!]);
  for (const [name, values] of Object.entries({ items, documentOf, sessions, hasQuery, users, disliked })) {
    if (values !== undefined && values.length !== labels.length) {
      throw new ShapeError(`sqdc: ${name}`, `[${labels.length}]`, [values.length]);
    }
  }
  for (const [name, values] of Object.entries({ items, sessions, users })) {
    if (values !== undefined) assertIntegers('sqdc', name, values);
  }
  for (const [name, values] of Object.entries({ labels, hasQuery, disliked })) {
    if (values !== undefined) assertFlags('sqdc', name, values);
  }
  if (history !== undefined) assertWhole('sqdc', { 'history.length': history.length }, 0);
  if (history !== undefined && history.items.length !== labels.length * history.length) {
    throw new ShapeError('sqdc: history', `[${labels.length} · ${history.length}]`, [history.items.length]);
  }
  if (maskHistory) assertIntegers('sqdc', 'history.items', history!.items);
  const numDocuments = documents.shape[0]!;
  for (let row = 0; row < documentOf.length; row++) {
    const document = documentOf[row]!;
    if (!(Number.isInteger(document) && document >= 0 && document < numDocuments)) {
      throw new RangeError(`sqdc: expected the document of row ${row} among ${numDocuments}, got ${document}`);
    }
  }
}
