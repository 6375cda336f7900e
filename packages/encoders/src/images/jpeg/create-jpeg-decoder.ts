import type { ImageSize } from '../image-size.js';
import type { RawImage } from '../sharp-steps.js';

/** Exports of `assembly/index.ts`. Addresses are byte offsets in its memory. */
interface JpegExports {
  readonly memory: WebAssembly.Memory;
  reserve(bytes: number): number;
  take(bytes: number): number;
  open(file: number, length: number): number;
  sourceWidth(): number;
  sourceHeight(): number;
  shrinkBy(factor: number): number;
  shrunk(pixels: number): number;
  decode(
    width: number,
    height: number,
    weights: number,
    rowTaps: number,
    columnTaps: number,
    keepsExcess: boolean,
  ): number;
}

/**
 * Resampling of one side: for each pixel of the result, the index of the first source pixel and the weights of `taps`
 * pixels.
 */
interface Resampling {
  readonly taps: number;
  /** `[size, taps]` */
  readonly weights: Float32Array;
  /** `[size]` */
  readonly starts: Int32Array;
}

/**
 * @param size of the result; undefined: that of the image, whose bytes are then libjpeg's
 * @returns undefined if the file is not a plain JPEG or is damaged.
 */
export type JpegDecoder = (file: Uint8Array, size: ImageSize | undefined, maxPixels: number) => RawImage | undefined;

/**
 * Creates a decoder of plain JPEGs: baseline or progressive, grey or YCbCr, without colour profile or orientation, at
 * most 1 MiB. Chroma has full resolution, or half in both directions. Either neither side grows, and each shrinks by
 * less than 32, or neither shrinks.
 *
 * The steps are sharp's: decoding shrinks by 2, 4 or 8, as long as it leaves something to resample, and a Lanczos
 * filter with 3 lobes does the rest. A cubic filter (Catmull and Rom's) enlarges. In the tests, values differ from
 * sharp's by at most 3, and by less than 0.25 on average. The decoder never throws.
 *
 * Worker threads run the source text of this function, so it must not use anything outside itself.
 */
export function createJpegDecoder(module: WebAssembly.Module): JpegDecoder {
  const maxBytes = 1 << 20;
  const maxEnlarged = 1 << 20;
  const maxKept = 256;
  const jpeg = new WebAssembly.Instance(module).exports as unknown as JpegExports;
  const kept = new Map<string, Resampling>();

  // sharp's rule: decoding alone never reaches the final size, so that something is left to resample.
  const shrinkingOf = (shrink: number): number => {
    const factor = shrink >= 8 ? 8 : shrink >= 4 ? 4 : shrink >= 2 ? 2 : 1;
    return factor > 1 && Math.floor(shrink) === factor ? factor / 2 : factor;
  };

  const lanczos = (x: number): number => {
    if (x === 0) return 1;
    if (Math.abs(x) >= 3) return 0;
    return (3 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3)) / (Math.PI * x) ** 2;
  };

  /** Weights of four neighbours at `part` of the way from the second to the third. */
  const cubic = (x: number): readonly number[] => [
    x * (-0.5 + x * (1 - 0.5 * x)),
    1 + x * x * (1.5 * x - 2.5),
    x * (0.5 + x * (2 - 1.5 * x)),
    0.5 * x * x * (x - 1),
  ];

  const enlarge = (from: number, to: number): Resampling => {
    const weights = new Float32Array(4 * to);
    const starts = new Int32Array(to);
    for (let i = 0; i < to; i++) {
      // libvips' position, which lies up to half a pixel before the one that keeps the image in its place.
      const centre = (i * from) / to - 0.5;
      const whole = Math.floor(centre);
      starts[i] = whole - 1;
      // libvips rounds positions between two pixels to 1/64.
      weights.set(cubic(Math.round(64 * (centre - whole)) / 64), 4 * i);
    }
    return { taps: 4, weights, starts };
  };

  const resample = (from: number, to: number): Resampling => {
    const scale = from / to;
    const taps = scale === 1 ? 1 : 2 * Math.round(3 * scale) + 1;
    const weights = new Float32Array(to * taps).fill(1);
    const starts = new Int32Array(to);
    for (let i = 0; i < to; i++) {
      const centre = (i + 0.5) * scale;
      const whole = Math.floor(centre);
      starts[i] = whole - (taps - 1) / 2;
      if (scale === 1) continue;
      // libvips rounds positions between two pixels to 1/64.
      const part = Math.round(64 * (centre - whole)) / 64;
      const row = weights.subarray(i * taps, (i + 1) * taps);
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += row[k] = lanczos((k + 1 - part - taps / 2) / scale);
      for (let k = 0; k < taps; k++) row[k]! /= sum;
    }
    return { taps, weights, starts };
  };

  const resampling = (from: number, to: number, grows: boolean): Resampling => {
    const key = `${from} ${to} ${grows}`;
    let known = kept.get(key);
    if (known === undefined) {
      if (kept.size >= maxKept) kept.clear();
      known = grows ? enlarge(from, to) : resample(from, to);
      kept.set(key, known);
    }
    return known;
  };

  const decode: JpegDecoder = (file, size, maxPixels) => {
    if (file.length > maxBytes || file[0] !== 0xff || file[1] !== 0xd8) return undefined;
    const at = jpeg.reserve(file.length);
    new Uint8Array(jpeg.memory.buffer).set(file, at);
    if (!jpeg.open(at, file.length)) return undefined;
    const sourceWidth = jpeg.sourceWidth();
    const sourceHeight = jpeg.sourceHeight();
    if (sourceWidth * sourceHeight > maxPixels) return undefined;
    const { width, height } = size ?? { width: sourceWidth, height: sourceHeight };
    if (!jpeg.shrinkBy(shrinkingOf(Math.min(sourceWidth / width, sourceHeight / height)))) return undefined;
    const fromWidth = jpeg.shrunk(sourceWidth);
    const fromHeight = jpeg.shrunk(sourceHeight);
    const grows = fromWidth < width || fromHeight < height;
    // Refuses to enlarge one side and shrink the other, and to enlarge to more than memory is for.
    if (grows && (fromWidth > width || fromHeight > height || width * height > maxEnlarged)) return undefined;
    // Refuses to shrink so much that libvips would average pixels first.
    if (fromWidth >= 4 * width || fromHeight >= 4 * height) return undefined;
    const rows = resampling(fromHeight, height, grows);
    const columns = resampling(fromWidth, width, grows);
    const parts = [rows.weights, rows.starts, columns.weights, columns.starts];
    const begin = jpeg.take(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let next = begin;
    for (const part of parts) {
      new Uint8Array(jpeg.memory.buffer, next, part.byteLength).set(new Uint8Array(part.buffer));
      next += part.byteLength;
    }
    const pixels = jpeg.decode(width, height, begin, rows.taps, columns.taps, grows);
    if (pixels === 0) return undefined;
    return { pixels: new Uint8Array(jpeg.memory.buffer, pixels, height * width * 3).slice(), width, height };
  };

  return (file, size, maxPixels) => {
    try {
      return decode(file, size, maxPixels);
    } catch {
      return undefined; // out of memory
    }
  };
}
