import type { Batch } from '@sifaka/data';
import { type BorrowedRows, type EmbeddingTable, PADDING_ID, type RowUpdate, UNKNOWN_ID } from '@sifaka/nn';
import { gather, reshape, slice, type Tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { type Sequence, sequenceItems } from './sequences.js';

/** The id tables of a model. */
export interface IdTables {
  readonly users: EmbeddingTable;
  readonly items: EmbeddingTable;
}

/** The ids of a batch that a model looks up. */
export interface BatchIds {
  /** `[B]` */
  readonly users: Int32Array;
  /** `[B]` candidates. */
  readonly items: Int32Array;
  /** By sequence name, `[B · length]` each; see {@link sequenceItems}. */
  readonly sequences: ReadonlyMap<string, Int32Array>;
}

/** The distinct table rows of one batch. The borrower disposes them. */
export interface BatchRows {
  readonly ids: BatchIds;
  readonly users: BorrowedRows;
  /** Rows of the candidates and of all sequences. */
  readonly items: BorrowedRows;
}

/** The embeddings of a batch, by name. */
export interface BatchEmbeddings {
  /** `[B, I]` */
  readonly user: Tensor;
  /** `[B, I]` */
  readonly item: Tensor;
  /** By sequence name: `[B, length, I]`, and a mask `[B, length]`: 1 for an item, known or not, 0 for padding. */
  readonly sequences: ReadonlyMap<string, { readonly vectors: Tensor; readonly mask: Tensor }>;
}

/** The ids of a batch that a model reads. */
export function idsOf(batch: Batch, sequences: readonly Sequence[]): BatchIds {
  const read = sequences.filter(({ ids }) => ids !== undefined);
  return {
    users: batch.users,
    items: batch.items,
    sequences: new Map(read.map((sequence) => [sequence.name, sequenceItems(batch, sequence)])),
  };
}

/** Replaces random user and candidate ids by the unknown id. This trains the row that new users and items read. */
export function hideIds(
  { users, items, sequences }: BatchIds,
  { userDropout, itemDropout }: { readonly userDropout: number; readonly itemDropout: number },
  random: () => number,
): BatchIds {
  const hide = (ids: Int32Array, share: number) => ids.map((id) => (random() < share ? UNKNOWN_ID : id));
  return { users: hide(users, userDropout), items: hide(items, itemDropout), sequences };
}

/**
 * Copies a batch's rows to the device.
 *
 * @throws RangeError for an id outside a table; nothing stays on the device then.
 */
export function borrowRows(tables: IdTables, ids: BatchIds, options: { readonly training: boolean }): BatchRows {
  const users = tables.users.borrow(ids.users, options);
  try {
    return { ids, users, items: tables.items.borrow(joinIds(ids), options) };
  } catch (error) {
    users.dispose();
    throw error;
  }
}

/** The candidates, followed by each sequence. {@link lookUp} splits them again. */
function joinIds({ items, sequences }: BatchIds): Int32Array {
  const parts = [items, ...sequences.values()];
  const joined = new Int32Array(parts.reduce((total, { length }) => total + length, 0));
  let start = 0;
  for (const part of parts) {
    joined.set(part, start);
    start += part.length;
  }
  return joined;
}

/**
 * Looks up the embeddings of a batch. One look-up serves all item ids, because the gradient of each look-up is as large
 * as the borrowed rows.
 */
export function lookUp(rows: BatchRows): BatchEmbeddings {
  const size = rows.ids.items.length;
  const looked = rows.items.gather(); // [B + Σ B · L, I]
  const dim = looked.shape[1]!;
  const sequences = new Map<string, { vectors: Tensor; mask: Tensor }>();
  let start = size;
  for (const [name, ids] of rows.ids.sequences) {
    const length = ids.length / size;
    sequences.set(name, {
      vectors: reshape(slice(looked, [start, 0], [ids.length, dim]), [size, length, dim]),
      mask: tensor2d(
        Float32Array.from(ids, (id) => (id === PADDING_ID ? 0 : 1)),
        [size, length],
      ),
    });
    start += ids.length;
  }
  return { user: rows.users.gather(), item: slice(looked, [0, 0], [size, dim]), sequences };
}

/** The id embeddings of those candidates of a batch whose id is visible in some row. */
export interface VisibleCandidates {
  /** Their indices among the candidates, `[V]`. */
  readonly indices: Int32Array;
  /** `[V, I]` */
  readonly embeddings: Tensor;
}

/**
 * Looks up the id embeddings of distinct candidates. A candidate whose id is hidden in every row has none: those rows
 * share the unknown row, which belongs to no item.
 *
 * @param items the batch's candidates before any were hidden, `[B]`
 * @param candidates the distinct ones, `[U]`
 * @returns undefined if no candidate is visible
 */
export function visibleCandidates(
  rows: BatchRows,
  items: Int32Array,
  candidates: Int32Array,
): VisibleCandidates | undefined {
  const firstRow = new Map<number, number>();
  items.forEach((item, row) => {
    if (rows.ids.items[row] !== UNKNOWN_ID && !firstRow.has(item)) firstRow.set(item, row);
  });
  const indices = Int32Array.from(candidates.keys()).filter((index) => firstRow.has(candidates[index]!));
  if (indices.length === 0) return undefined;
  const positions = indices.map((index) => rows.items.positions[firstRow.get(candidates[index]!)!]!);
  return { indices, embeddings: gather(rows.items.values as Tensor, tensor1d(positions, 'int32')) };
}

/** Updates the borrowed rows of every table that has a gradient. */
export function updateRows(
  tables: IdTables,
  rows: BatchRows,
  gradients: ReadonlyMap<string, Tensor>,
  settings: RowUpdate,
): void {
  for (const name of ['users', 'items'] as const) {
    const gradient = gradients.get(name);
    if (gradient !== undefined) tables[name].update(rows[name], gradient.dataSync() as Float32Array, settings);
  }
}

export function disposeRows({ users, items }: BatchRows): void {
  users.dispose();
  items.dispose();
}
