import { assertLength } from '../rows/check-rows.js';
import { type StoredVectors, type VectorStorage, vectorCodec } from '../rows/vector-codec.js';
import type { EvictionRule } from './eviction.js';

/**
 * All that a bank holds, row by row in the order of first writing (where one was removed, the then last row took its place): for
 * checkpoints. Vectors are as they are kept, so nothing is lost.
 */
export interface BankSnapshot {
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly capacity: number | undefined;
  readonly evict: EvictionRule;
  readonly ids: Int32Array;
  /** `[N, dim]`: float32 numbers, float16 bits or int8 steps. */
  readonly vectors: StoredVectors;
  /** `[N]` where the storage is int8, else empty. */
  readonly scales: Float32Array;
  readonly steps: Int32Array;
  readonly versions: Int32Array;
  /** How often each was read, and how often it had been when it was last written. */
  readonly reads: Int32Array;
  readonly readsAtWrite: Int32Array;
  /** `[V, 3]`: whom the next evictions take; see {@link EvictionRule}. */
  readonly victims: Int32Array;
}

/** A snapshot as {@link MemoryBank.from} takes it: storage float32, no capacity and no reads where it does not say otherwise. */
export type BankSnapshotInput = Pick<BankSnapshot, 'dim' | 'ids' | 'vectors' | 'steps' | 'versions'> &
  Partial<BankSnapshot>;

/**
 * Fills in what a snapshot leaves out.
 *
 * @throws RangeError if the arrays' lengths disagree, an id is negative, or there are more rows than the capacity.
 * @throws TypeError if the vectors are not of the storage's kind.
 */
export function completeSnapshot(snapshot: BankSnapshotInput): BankSnapshot {
  const { dim, storage = 'float32', capacity, evict = 'oldest', ids, vectors, steps, versions } = snapshot;
  const { reads = new Int32Array(ids.length), readsAtWrite = new Int32Array(ids.length) } = snapshot;
  const { scales = new Float32Array(0), victims = new Int32Array(0) } = snapshot;
  const codec = vectorCodec(storage);
  const kind = codec.create(0).constructor.name;
  if (vectors.constructor.name !== kind) {
    throw new TypeError(`MemoryBank.from: vectors: expected ${kind}, got ${vectors.constructor.name}`);
  }
  assertLength('MemoryBank.from: vectors', vectors, ids.length, dim);
  assertLength('MemoryBank.from: scales', scales, codec.scaled ? ids.length : 0, 1);
  for (const [name, values] of Object.entries({ steps, versions, reads, readsAtWrite })) {
    assertLength(`MemoryBank.from: ${name}`, values, ids.length, 1);
  }
  const negative = ids.find((id) => id < 0);
  if (negative !== undefined) throw new RangeError(`MemoryBank.from: expected ids of 0 or more, got ${negative}`);
  if (capacity !== undefined && ids.length > capacity) {
    throw new RangeError(`MemoryBank.from: expected at most ${capacity} items, got ${ids.length}`);
  }
  return { dim, storage, capacity, evict, ids, vectors, scales, steps, versions, reads, readsAtWrite, victims };
}
