import { HALF_EXPONENT, HALF_LIMIT, halfTable, toHalf } from './half-float.js';

/**
 * How vectors are stored.
 *
 * - `float32`: unchanged, 4 bytes per value.
 * - `float16`: 2 bytes per value, relative error at most 2⁻¹¹.
 * - `int8`: 1 byte per value and one scale per vector, the vector's largest magnitude / 127. The error is at most half
 *   the scale.
 */
export type VectorStorage = 'float32' | 'float16' | 'int8';

/** Encoded values: float32 values, float16 bits, or int8 multiples of the scale. */
export type StoredVectors = Float32Array | Uint16Array | Int8Array;

/**
 * Encodes vectors for one {@link VectorStorage}. Encoding a decoded vector again gives the same values, except for the
 * last bit of an int8 scale.
 */
export interface VectorCodec<Stored extends StoredVectors = StoredVectors> {
  readonly storage: VectorStorage;
  readonly bytesPerValue: number;
  /** Whether each vector has a scale. */
  readonly scaled: boolean;
  /** Magnitudes must be below this limit. */
  readonly limit: number;
  create(length: number): Stored;
  /** Views a buffer as encoded values. */
  view(buffer: ArrayBuffer): Stored;
  /** Index of the first value that no encoder makes, such as NaN or infinity; −1 if there is none. */
  firstInvalid(stored: Stored, scales: Float32Array): number;
  /** Encodes `dim` values from `source[from]` to `stored[at]`. @returns the vector's scale, or 1 without scales. */
  encode(source: Float32Array, from: number, stored: Stored, at: number, dim: number): number;
  /**
   * Decodes `dim` values that start at a four-byte word. Exists if it is faster than {@link decode}, because decoding
   * takes most of a look-up. Assumes a little-endian machine, as safetensors files do.
   */
  decodeWords?(words: Int32Array, from: number, target: Float32Array, at: number, dim: number): void;
  /** Decodes `dim` values from `stored[from]` to `target[at]`. */
  decode(stored: Stored, from: number, scale: number, target: Float32Array, at: number, dim: number): void;
}

const float32: VectorCodec<Float32Array> = {
  storage: 'float32',
  bytesPerValue: 4,
  scaled: false,
  limit: Number.POSITIVE_INFINITY,
  create: (length) => new Float32Array(length),
  view: (buffer) => new Float32Array(buffer),
  firstInvalid(stored) {
    for (let i = 0; i < stored.length; i++) if (!Number.isFinite(stored[i])) return i;
    return -1;
  },
  encode(source, from, stored, at, dim) {
    stored.set(source.subarray(from, from + dim), at);
    return 1;
  },
  decode(stored, from, _scale, target, at, dim) {
    target.set(stored.subarray(from, from + dim), at);
  },
};

const float16: VectorCodec<Uint16Array> = {
  storage: 'float16',
  bytesPerValue: 2,
  scaled: false,
  limit: HALF_LIMIT,
  create: (length) => new Uint16Array(length),
  view: (buffer) => new Uint16Array(buffer),
  firstInvalid(stored) {
    for (let i = 0; i < stored.length; i++) if ((stored[i]! & HALF_EXPONENT) === HALF_EXPONENT) return i;
    return -1;
  },
  encode(source, from, stored, at, dim) {
    for (let i = 0; i < dim; i++) stored[at + i] = toHalf(source[from + i]!);
    return 1;
  },
  decode(stored, from, _scale, target, at, dim) {
    const table = halfTable();
    for (let i = 0; i < dim; i++) target[at + i] = table[stored[from + i]!]!;
  },
  decodeWords(words, from, target, at, dim) {
    const table = halfTable();
    let word = from;
    let to = at;
    // Eight values at a time, because V8 does not unroll loops over typed arrays.
    for (const end = at + dim - 7; to < end; to += 8, word += 4) {
      const a = words[word]!;
      const b = words[word + 1]!;
      const c = words[word + 2]!;
      const d = words[word + 3]!;
      target[to] = table[a & 0xffff]!;
      target[to + 1] = table[a >>> 16]!;
      target[to + 2] = table[b & 0xffff]!;
      target[to + 3] = table[b >>> 16]!;
      target[to + 4] = table[c & 0xffff]!;
      target[to + 5] = table[c >>> 16]!;
      target[to + 6] = table[d & 0xffff]!;
      target[to + 7] = table[d >>> 16]!;
    }
    for (; to < at + dim; to++) {
      const pair = words[from + ((to - at) >> 1)]!;
      target[to] = table[(to - at) % 2 === 0 ? pair & 0xffff : pair >>> 16]!;
    }
  },
};

const INT8_MAX = 127;
/** 127 times this scale is finite in float32. The rounded quotient of the largest float32 and 127 would overflow. */
const LARGEST_SCALE = 2.679388e36;

const int8: VectorCodec<Int8Array> = {
  storage: 'int8',
  bytesPerValue: 1,
  scaled: true,
  limit: Number.POSITIVE_INFINITY,
  create: (length) => new Int8Array(length),
  view: (buffer) => new Int8Array(buffer),
  firstInvalid(stored, scales) {
    const row = scales.findIndex((scale) => !(scale >= 0 && scale <= LARGEST_SCALE));
    // With the largest scales, −128 would overflow. The encoder does not use it.
    return row < 0 ? stored.indexOf(-INT8_MAX - 1) : row * (stored.length / scales.length);
  },
  encode(source, from, stored, at, dim) {
    let largest = 0;
    for (let i = 0; i < dim; i++) {
      const magnitude = Math.abs(source[from + i]!);
      if (magnitude > largest) largest = magnitude;
    }
    const scale = Math.fround(Math.min(largest / INT8_MAX, LARGEST_SCALE));
    for (let i = 0; i < dim; i++) {
      const steps = scale === 0 ? 0 : source[from + i]! / scale;
      // The range is exceeded only with a subnormal scale, which has too few bits to be exact.
      const whole = (steps < 0 ? steps - 0.5 : steps + 0.5) | 0;
      stored[at + i] = Math.max(-INT8_MAX, Math.min(INT8_MAX, whole));
    }
    return scale;
  },
  decode(stored, from, scale, target, at, dim) {
    let i = 0;
    for (; i + 4 <= dim; i += 4) {
      target[at + i] = stored[from + i]! * scale;
      target[at + i + 1] = stored[from + i + 1]! * scale;
      target[at + i + 2] = stored[from + i + 2]! * scale;
      target[at + i + 3] = stored[from + i + 3]! * scale;
    }
    for (; i < dim; i++) target[at + i] = stored[from + i]! * scale;
  },
};

const CODECS: Readonly<Record<VectorStorage, VectorCodec>> = { float32, float16, int8 };

/** @throws RangeError for an unknown storage. */
export function vectorCodec(storage: VectorStorage): VectorCodec {
  if (!Object.hasOwn(CODECS, storage)) {
    throw new RangeError(`vectorCodec: expected ${Object.keys(CODECS).join(', ')}, got ${storage}`);
  }
  return CODECS[storage];
}
