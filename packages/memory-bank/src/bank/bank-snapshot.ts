import { assertCounts, assertLength } from '../rows/check-rows.js';
import { IntIndex } from '../rows/int-index.js';
import { type StoredVectors, type VectorStorage, vectorCodec } from '../rows/vector-codec.js';
import { type EvictionRule, VICTIM_FACTS } from './eviction.js';
import { assertOptions } from './memory-bank-options.js';

/**
 * The whole state of a bank, for checkpoints. Rows are in the order in which items were added, with two exceptions: a
 * new item takes the row of an evicted one, and the last row replaces a removed one. Vectors stay encoded, so nothing
 * is lost.
 */
export interface BankSnapshot {
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly capacity: number | undefined;
  readonly evict: EvictionRule;
  readonly ids: Int32Array;
  /** `[N, dim]`: float32 values, float16 bits or int8 multiples of the scale. */
  readonly vectors: StoredVectors;
  /** `[N]` for the storage int8, otherwise empty. */
  readonly scales: Float32Array;
  readonly steps: Int32Array;
  readonly versions: Int32Array;
  /** `[N]` number of reads of each item. */
  readonly reads: Int32Array;
  /** `[N]` the value of `reads` when the item was last written. */
  readonly readsAtWrite: Int32Array;
  /** `[V, 3]`: id, step and reads of the items marked for eviction; see {@link EvictionRule}. */
  readonly victims: Int32Array;
}

/** A snapshot for {@link MemoryBank.from}. Default: storage `float32`, no capacity, evict `oldest`, no reads. */
export type BankSnapshotInput = Pick<BankSnapshot, 'dim' | 'ids' | 'vectors' | 'steps' | 'versions'> &
  Partial<BankSnapshot>;

/**
 * Adds the defaults to a snapshot and checks it, as it may come from a damaged or foreign file.
 *
 * @throws RangeError if an option is not valid, the lengths of the arrays differ, an id is negative or occurs twice, a
 *   step, version or count is negative, a vector is not finite, or there are more rows than the capacity.
 * @throws TypeError if the array type of the vectors does not match the storage.
 */
export function completeSnapshot(where: string, snapshot: BankSnapshotInput): BankSnapshot {
  const { dim, storage = 'float32', capacity, evict = 'oldest', ids, vectors, steps, versions } = snapshot;
  const { reads = new Int32Array(ids.length), readsAtWrite = new Int32Array(ids.length) } = snapshot;
  const { scales = new Float32Array(0), victims = new Int32Array(0) } = snapshot;
  assertOptions({ dim, capacity, evict });
  const codec = vectorCodec(storage);
  const kind = codec.create(0).constructor.name;
  if (vectors.constructor.name !== kind) {
    throw new TypeError(`${where}: vectors: expected ${kind}, got ${vectors.constructor.name}`);
  }
  assertLength(`${where}: vectors`, vectors, ids.length, dim);
  assertLength(`${where}: scales`, scales, codec.scaled ? ids.length : 0, 1);
  for (const [name, values] of Object.entries({ steps, versions, reads, readsAtWrite })) {
    assertLength(`${where}: ${name}`, values, ids.length, 1);
    assertCounts(`${where}: ${name}`, values);
  }
  const negative = ids.find((id) => id < 0);
  if (negative !== undefined) throw new RangeError(`${where}: expected ids of 0 or more, got ${negative}`);
  const seen = new IntIndex(ids.length);
  for (const [row, id] of ids.entries()) {
    if (seen.find(id) >= 0) throw new RangeError(`${where}: expected each item once, got item ${id} twice`);
    seen.set(id, row);
    if (readsAtWrite[row]! > reads[row]!) {
      throw new RangeError(
        `${where}: item ${id}: expected at most ${reads[row]} readsAtWrite, got ${readsAtWrite[row]}`,
      );
    }
  }
  if (victims.length % VICTIM_FACTS !== 0) {
    throw new RangeError(`${where}: victims: expected a multiple of ${VICTIM_FACTS} values, got ${victims.length}`);
  }
  assertCounts(`${where}: victims`, victims);
  if (capacity !== undefined && ids.length > capacity) {
    throw new RangeError(`${where}: expected at most ${capacity} items, got ${ids.length}`);
  }
  const wrong = codec.firstInvalid(vectors, scales);
  if (wrong >= 0)
    throw new RangeError(`${where}: item ${ids[Math.floor(wrong / dim)]}: expected finite values in ${storage}`);
  return { dim, storage, capacity, evict, ids, vectors, scales, steps, versions, reads, readsAtWrite, victims };
}

/**
 * Checks that a bank with these properties can hold a snapshot.
 *
 * @throws RangeError naming the property that differs.
 */
export function assertRestorable(
  snapshot: BankSnapshot,
  bank: Pick<BankSnapshot, 'dim' | 'storage' | 'capacity' | 'evict'>,
): void {
  for (const name of ['dim', 'storage', 'capacity', 'evict'] as const) {
    if (snapshot[name] === bank[name]) continue;
    const expected = `expected a snapshot with ${name} ${bank[name] ?? 'unlimited'} as in this bank`;
    throw new RangeError(`MemoryBank.restore: ${expected}, got ${snapshot[name] ?? 'unlimited'}`);
  }
}
