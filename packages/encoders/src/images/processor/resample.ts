import type { ImageSize } from '../image-size.js';

/** Part of the cache key. Increment it when a change affects pixels. */
export const RESAMPLE_VERSION = 1;

/** Filters of Pillow: a triangle; Keys' cubic with a = −1/2; a sinc windowed by a sinc, 3 lobes. */
export type ResampleFilter = 'bilinear' | 'bicubic' | 'lanczos';

/** A part of an image, in pixels. */
export interface Window extends ImageSize {
  readonly left: number;
  readonly top: number;
}

/**
 * Resizes RGB bytes as Pillow does: separable, across and then down, each with 8-bit results. When an image shrinks, the
 * filter is stretched by the same factor, so every pixel counts (antialiasing).
 *
 * Weights are whole numbers of 22 bits, as in Pillow (https://pillow.readthedocs.io, "Filters"), so that rounding
 * agrees, too.
 *
 * @param pixels `[from.height, from.width, 3]`
 * @param window the part of the resized image to compute, which lies inside
 * @returns `[window.height, window.width, 3]`
 */
export function resample(
  pixels: Uint8Array,
  from: ImageSize,
  to: ImageSize,
  filter: ResampleFilter,
  window: Window,
): Uint8Array {
  const across = taps(from.width, to.width, filter, window.left, window.width);
  const down = taps(from.height, to.height, filter, window.top, window.height);
  // Only the rows that the second pass reads.
  const firstRow = down.starts[0]!;
  const rows = down.starts.at(-1)! + down.counts.at(-1)! - firstRow;
  const narrow = resampleRows(pixels.subarray(firstRow * from.width * 3), from.width, rows, across);
  return resampleColumns(narrow, window.width, firstRow, down);
}

/** The weights of the source pixels of each output pixel along one axis. */
interface Taps {
  /** First source pixel. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `[output, most]` */
  readonly weights: Int32Array;
  /** Largest count. */
  readonly most: number;
}

/** 32 bits hold a byte times a weight, the weights' sum beyond 1 (negative lobes), and a sign. */
const WEIGHT_BITS = 22;
const ONE = 1 << WEIGHT_BITS;
const HALF = 1 << (WEIGHT_BITS - 1);

const SUPPORT: Readonly<Record<ResampleFilter, number>> = { bilinear: 1, bicubic: 2, lanczos: 3 };

const FILTERS: Readonly<Record<ResampleFilter, (x: number) => number>> = {
  bilinear: (x) => Math.max(0, 1 - Math.abs(x)),
  bicubic: (x) => {
    const d = Math.abs(x);
    if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
    return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
  },
  lanczos: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0),
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function taps(from: number, to: number, filter: ResampleFilter, first: number, count: number): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = SUPPORT[filter] * stretch;
  const most = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * most);
  const values = new Float64Array(most);
  for (let i = 0; i < count; i++) {
    const centre = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const length = Math.min(from, Math.trunc(centre + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < length; k++) {
      values[k] = FILTERS[filter]((start + k - centre + 0.5) / stretch);
      sum += values[k]!;
    }
    for (let k = 0; k < length; k++) {
      const weight = (values[k]! / sum) * ONE;
      weights[i * most + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    starts[i] = start;
    counts[i] = length;
  }
  return { starts, counts, weights, most };
}

/** @param pixels `[≥ rows, width, 3]` @returns `[rows, outputs, 3]` */
function resampleRows(
  pixels: Uint8Array,
  width: number,
  rows: number,
  { starts, counts, weights, most }: Taps,
): Uint8Array {
  const outputs = starts.length;
  const result = new Uint8Array(rows * outputs * 3);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let i = 0; i < outputs; i++) {
      let from = (row * width + starts[i]!) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = i * most, end = k + counts[i]!; k < end; k++) {
        const weight = weights[k]!;
        red += pixels[from++]! * weight;
        green += pixels[from++]! * weight;
        blue += pixels[from++]! * weight;
      }
      result[to++] = toByte(red);
      result[to++] = toByte(green);
      result[to++] = toByte(blue);
    }
  }
  return result;
}

/** @param pixels `[rows, width, 3]`, of which row 0 is row `firstRow` of the image @returns `[outputs, width, 3]` */
function resampleColumns(
  pixels: Uint8Array,
  width: number,
  firstRow: number,
  { starts, counts, weights, most }: Taps,
): Uint8Array {
  const rowBytes = width * 3;
  const result = new Uint8Array(starts.length * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let i = 0; i < starts.length; i++) {
    sums.fill(HALF);
    for (let k = 0; k < counts[i]!; k++) {
      const weight = weights[i * most + k]!;
      const from = (starts[i]! + k - firstRow) * rowBytes;
      for (let x = 0; x < rowBytes; x++) sums[x]! += pixels[from + x]! * weight;
    }
    const to = i * rowBytes;
    for (let x = 0; x < rowBytes; x++) result[to + x] = toByte(sums[x]!);
  }
  return result;
}

function toByte(sum: number): number {
  const value = sum >> WEIGHT_BITS;
  if (value < 0) return 0;
  return Math.min(value, 255);
}
