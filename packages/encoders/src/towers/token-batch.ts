import { assertWhole, ShapeError } from '@sifaka/nn';
import type { TokenBatch } from '../token-encoder.js';

export interface BatchLimits {
  readonly vocabularySize: number;
  readonly maxLength: number;
  /** Number of types of tokens; 1 if types are ignored. */
  readonly tokenTypes: number;
}

/**
 * @param where function, for messages
 * @throws `ShapeError` if rows are too long, or `ids` or `types` does not hold `B · length` values, RangeError for an
 *   unknown id or type, for a row with more than `length` tokens, or for a `length` below 1.
 */
export function assertTokenBatch(where: string, batch: TokenBatch, limits: BatchLimits): void {
  const { ids, length, lengths, types } = batch;
  const { vocabularySize, maxLength, tokenTypes } = limits;
  assertWhole(where, { length });
  const count = lengths.length;
  if (ids.length !== count * length) throw new ShapeError(`${where}: ids`, `[${count} · ${length}]`, [ids.length]);
  if (length > maxLength) throw new ShapeError(where, `[B, ≤ ${maxLength}]`, [count, length]);
  const outside = ids.find((id) => id < 0 || id >= vocabularySize);
  if (outside !== undefined) {
    throw new RangeError(`${where}: expected ids in 0 … ${vocabularySize - 1}, got ${outside}`);
  }
  const row = lengths.findIndex((tokens) => tokens < 0 || tokens > length);
  if (row >= 0) throw new RangeError(`${where}: row ${row}: expected 0 … ${length} tokens, got ${lengths[row]}`);
  if (types === undefined || tokenTypes === 1) return;
  if (types.length !== ids.length) throw new ShapeError(`${where}: types`, `[${ids.length}]`, [types.length]);
  const strange = types.find((type) => type < 0 || type >= tokenTypes);
  if (strange !== undefined) {
    throw new RangeError(`${where}: expected types in 0 … ${tokenTypes - 1}, got ${strange}`);
  }
}

/** 1 for a token, 0 for padding. @returns `[B · length]` */
export function paddingMask(lengths: Int32Array, length: number): Float32Array {
  const mask = new Float32Array(lengths.length * length);
  lengths.forEach((count, row) => {
    mask.fill(1, row * length, row * length + count);
  });
  return mask;
}

/** The same texts, padded to `length` with `id`, whatever they were padded with. */
export function repadded({ ids, length: before, lengths }: TokenBatch, length: number, id: number): Int32Array {
  const padded = new Int32Array(lengths.length * length).fill(id);
  lengths.forEach((count, row) => {
    padded.set(ids.subarray(row * before, row * before + count), row * length);
  });
  return padded;
}
