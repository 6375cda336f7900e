import type { Batch } from '@sifaka/data';
import { type BorrowedRows, type EmbeddingTable, type RowUpdate, UNKNOWN_ID } from '@sifaka/nn';
import { gather, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { dislikedItems } from './content-sequences.js';
import type { RankerOptions } from './options.js';

/** The ids of a batch: candidates `[B]`, and histories `[B · L]` with −1 for padding. */
export interface BatchIds extends Pick<Batch, 'users' | 'items' | 'history'> {
  /** Disliked items `[B · M]`; empty where they are not read. */
  readonly disliked: Int32Array;
}

/** The tables' distinct rows of one batch; the borrower disposes them. */
export interface BatchRows {
  readonly users: BorrowedRows;
  /** Candidates first, then the histories, row by row, then the disliked items. */
  readonly items: BorrowedRows;
}

/** Of the batch's ids those that the model reads; it may bring more. */
export function idsOf(batch: Batch, { sequences }: RankerOptions): BatchIds {
  return { ...batch, disliked: sequences.met > 0 ? dislikedItems(batch.histories['met']!) : NO_ITEMS };
}

const NO_ITEMS = new Int32Array(0);

/** Hides some user and candidate ids behind the unknown row, so that the row which new users and items will read is trained. */
export function hideIds(
  { users, items, ...past }: BatchIds,
  { userDropout, itemDropout }: { readonly userDropout: number; readonly itemDropout: number },
  random: () => number,
): BatchIds {
  const hide = (ids: Int32Array, share: number) => ids.map((id) => (random() < share ? UNKNOWN_ID : id));
  return { users: hide(users, userDropout), items: hide(items, itemDropout), ...past };
}

/** Brings a batch's rows to the device. @throws RangeError for an id outside a table; nothing is left on the device then. */
export function borrowRows(
  tables: { readonly users: EmbeddingTable; readonly items: EmbeddingTable },
  { users, items, history, disliked }: BatchIds,
  options: { readonly training: boolean },
): BatchRows {
  const ids = new Int32Array(items.length + history.length + disliked.length);
  ids.set(items);
  ids.set(history, items.length);
  ids.set(disliked, items.length + history.length);
  const borrowedUsers = tables.users.borrow(users, options);
  try {
    return { users: borrowedUsers, items: tables.items.borrow(ids, options) };
  } catch (error) {
    borrowedUsers.dispose();
    throw error;
  }
}

/** The embeddings of distinct candidates. @param items of the batch's rows @returns `[U, I]` */
export function candidateRows(rows: BatchRows, items: Int32Array, candidates: Int32Array): Tensor {
  const firstRow = new Map<number, number>();
  items.forEach((item, row) => {
    if (!firstRow.has(item)) firstRow.set(item, row);
  });
  const places = candidates.map((item) => rows.items.positions[firstRow.get(item)!]!);
  return gather(rows.items.values as Tensor, tensor1d(places, 'int32'));
}

/** Updates the borrowed rows of every table that has a gradient. */
export function updateRows(
  tables: { readonly users: EmbeddingTable; readonly items: EmbeddingTable },
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
