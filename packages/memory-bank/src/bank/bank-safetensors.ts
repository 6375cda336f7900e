import { readSafetensors, type SafetensorsEntry, type SafetensorsFile, writeSafetensors } from '@sifaka/nn';
import { type StoredVectors, type VectorStorage, vectorCodec } from '../rows/vector-codec.js';
import type { BankSnapshot, BankSnapshotInput } from './bank-snapshot.js';
import type { EvictionRule } from './eviction.js';

const COLUMNS = ['ids', 'steps', 'versions', 'reads', 'readsAtWrite', 'victims'] as const;

/**
 * Writes a snapshot as a safetensors file. `ids`, `steps`, `versions`, `reads`, `readsAtWrite` and `victims` are I32.
 * `vectors` is F32 for the storage `float32`, otherwise U8: the encoded values, little-endian. `scales` is F32. The
 * metadata holds width, storage, capacity and eviction rule.
 */
export function writeBankSnapshot(snapshot: BankSnapshot): Uint8Array {
  const { dim, storage, capacity, evict, vectors, scales } = snapshot;
  const tensors = new Map<string, SafetensorsEntry>();
  for (const name of COLUMNS) {
    tensors.set(name, { dtype: 'I32', shape: [snapshot[name].length], data: snapshot[name] });
  }
  const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  tensors.set(
    'vectors',
    vectors instanceof Float32Array
      ? { dtype: 'F32', shape: [vectors.length], data: vectors }
      : { dtype: 'U8', shape: [bytes.length], data: bytes },
  );
  tensors.set('scales', { dtype: 'F32', shape: [scales.length], data: scales });
  return writeSafetensors(tensors, {
    dim: String(dim),
    storage,
    evict,
    ...(capacity === undefined ? {} : { capacity: String(capacity) }),
  });
}

/**
 * Reads a file written by {@link writeBankSnapshot}. Pass the result to {@link MemoryBank.from}. Files of the first
 * format have neither a storage nor counts of reads. They are read as float32 with no reads.
 *
 * @param file the bytes, or the result of `readSafetensors`
 * @throws Error if a tensor is missing or has another type, or if the file is damaged.
 */
export function readBankSnapshot(file: Uint8Array | SafetensorsFile): BankSnapshotInput {
  const { tensors, metadata } = file instanceof Uint8Array ? readSafetensors(file) : file;
  const entry = (name: string, dtype: SafetensorsEntry['dtype']): SafetensorsEntry['data'] => {
    const found = tensors.get(name);
    if (found?.dtype === dtype) return found.data;
    throw new Error(`readBankSnapshot: expected ${name} as ${dtype}, got ${found?.dtype ?? 'none'}`);
  };
  const integers = (name: string): Int32Array => entry(name, 'I32') as Int32Array;
  const { storage = 'float32', capacity, evict = 'oldest' } = metadata as Readonly<Record<string, string | undefined>>;
  const codec = vectorCodec(storage as VectorStorage);
  const vectors: StoredVectors =
    storage === 'float32'
      ? (entry('vectors', 'F32') as Float32Array)
      : codec.view(entry('vectors', 'U8').slice().buffer as ArrayBuffer);
  return {
    dim: Number(metadata['dim']),
    storage: codec.storage,
    capacity: capacity === undefined ? undefined : Number(capacity),
    evict: evict as EvictionRule,
    ids: integers('ids'),
    vectors,
    steps: integers('steps'),
    versions: integers('versions'),
    ...(tensors.has('reads')
      ? {
          reads: integers('reads'),
          readsAtWrite: integers('readsAtWrite'),
          victims: integers('victims'),
          scales: entry('scales', 'F32') as Float32Array,
        }
      : {}),
  };
}
