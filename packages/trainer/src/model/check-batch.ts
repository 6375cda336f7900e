import type { Batch, BatchHistory } from '@sifaka/data';

/** Sizes of the id tables that a batch is looked up in. */
export interface IdSizes {
  readonly users: number;
  readonly items: number;
}

/** Which batches are valid. */
export interface BatchRules {
  readonly sizes: IdSizes;
  /** Histories that the model reads, by name. */
  readonly histories: readonly string[];
  /** Whether candidates without an id, −1, are valid: a request may name them, a sample cannot. */
  readonly unknownItems: boolean;
  /** Number of statistics that the model reads per row; 0: none. */
  readonly statistics: number;
}

/**
 * Checks every array of a batch: its length, and that its numbers are ids, labels or counts.
 *
 * @throws RangeError naming the array.
 */
export function assertArrays(
  where: string,
  batch: Batch,
  { sizes, histories, unknownItems, statistics }: BatchRules,
): void {
  const { size } = batch;
  if (!(Number.isSafeInteger(size) && size > 0)) {
    throw new RangeError(`${where}: expected a batch of 1 or more rows, got ${size}`);
  }
  for (const name of ['rows', 'users', 'items', 'labels', 'sessions', 'queries', 'timestamps'] as const) {
    assertLength(where, name, batch[name], size);
  }
  assertNumbers(where, 'users', batch.users, isIdBelow(sizes.users, -1), `ids from -1 to ${sizes.users - 1}`);
  const first = unknownItems ? -1 : 0;
  assertNumbers(where, 'items', batch.items, isIdBelow(sizes.items, first), `ids from ${first} to ${sizes.items - 1}`);
  assertNumbers(where, 'labels', batch.labels, (label) => label >= 0 && label <= 1, 'numbers from 0 to 1');
  if (statistics > 0) {
    assertLength(where, 'statistics (see gatherStatistics)', batch.statistics, size * statistics);
    assertNumbers(where, 'statistics', batch.statistics!, Number.isFinite, 'finite numbers');
  }
  for (const name of histories) assertHistory(`${where}: history ${name}`, batch.histories[name]!, size, sizes);
}

function assertHistory(where: string, history: BatchHistory, size: number, sizes: IdSizes): void {
  const { items, labels, lengths, length } = history;
  assertLength(where, 'items', items, size * length);
  assertLength(where, 'labels', labels, size * length);
  assertLength(where, 'lengths', lengths, size);
  assertNumbers(where, 'items', items, isIdBelow(sizes.items, -1), `ids from -1 to ${sizes.items - 1}`);
  assertNumbers(where, 'lengths', lengths, isIdBelow(length + 1, 0), `whole numbers from 0 to ${length}`);
}

function assertLength(where: string, name: string, values: ArrayLike<number> | undefined, length: number): void {
  if (values?.length === length) return;
  throw new RangeError(`${where}: expected ${length} ${name}, got ${values?.length ?? 'none'}`);
}

function assertNumbers(
  where: string,
  name: string,
  values: ArrayLike<number>,
  isValid: (value: number) => boolean,
  expected: string,
): void {
  for (let index = 0; index < values.length; index++) {
    if (isValid(values[index]!)) continue;
    throw new RangeError(`${where}: ${name}: expected ${expected}, got ${values[index]} at ${index}`);
  }
}

function isIdBelow(bound: number, first: number): (id: number) => boolean {
  return (id) => Number.isInteger(id) && id >= first && id < bound;
}
