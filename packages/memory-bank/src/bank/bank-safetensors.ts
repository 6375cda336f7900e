import { readSafetensors, type SafetensorsEntry, type SafetensorsFile, writeSafetensors } from '@sifaka/nn';
import { type VectorStorage, vectorCodec } from '../rows/vector-codec.js';
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
 * @throws Error if a tensor or the width is missing or has another type, or if the file is damaged. The values are
 *   checked by {@link MemoryBank.from} and {@link MemoryBank.restore}.
 */
export function readBankSnapshot(file: Uint8Array | SafetensorsFile): BankSnapshotInput {
  const { tensors, metadata } = file instanceof Uint8Array ? readSafetensors(file) : file;
  const entry = (name: string, dtype: SafetensorsEntry['dtype']): SafetensorsEntry['data'] => {
    const found = tensors.get(name);
    if (found?.dtype === dtype) return found.data;
    throw new Error(`readBankSnapshot: expected ${name} as ${dtype}, got ${found?.dtype ?? 'none'}`);
  };
  const integers = (name: string): Int32Array => entry(name, 'I32') as Int32Array;
  const text = (name: string): string | undefined => {
    const value: unknown = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw new Error(`readBankSnapshot: metadata ${name}: expected a text, got ${typeof value}`);
  };
  const integer = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined || /^\d{1,15}$/.test(value)) return value === undefined ? undefined : Number(value);
    throw new Error(`readBankSnapshot: metadata ${name}: expected an integer, got ${value.slice(0, 40)}`);
  };
  const dim = integer('dim');
  if (dim === undefined) throw new Error('readBankSnapshot: metadata dim: expected an integer, got none');
  const storage = text('storage') ?? 'float32';
  const codec = vectorCodec(storage as VectorStorage);
  const stored = entry('vectors', storage === 'float32' ? 'F32' : 'U8');
  if (stored.byteLength % codec.bytesPerValue !== 0) {
    throw new Error(
      `readBankSnapshot: vectors: expected values of ${codec.bytesPerValue} bytes, got ${stored.length} bytes`,
    );
  }
  const vectors = storage === 'float32' ? (stored as Float32Array) : codec.view(stored.slice().buffer as ArrayBuffer);
  return {
    dim,
    storage: codec.storage,
    capacity: integer('capacity'),
    evict: (text('evict') ?? 'oldest') as EvictionRule,
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
