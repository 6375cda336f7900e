import type { ImageSize } from '../image-size.js';
import { type ResampleFilter, resample, type Window } from './resample.js';

/** What a published processor does to the pixels of a decoded image, before numbers become tensors. */
export interface ImagePlan {
  /** Absent if the image keeps its size. */
  readonly resize?: {
    /** `exact` stretches. `shortestEdge` keeps the proportions. */
    readonly to:
      | { readonly kind: 'exact'; readonly size: ImageSize }
      | { readonly kind: 'shortestEdge'; readonly length: number };
    readonly filter: ResampleFilter;
  };
  /** Cut from the middle. A side that is too short is padded with black. Absent if nothing is cut. */
  readonly crop?: ImageSize;
}

/** Follows a plan. @param pixels `[height, width, 3]` of a decoded image @returns `[out.height, out.width, 3]` */
export function followPlan(pixels: Uint8Array, size: ImageSize, { resize, crop }: ImagePlan): Uint8Array {
  const full = resize === undefined ? size : resizedSize(size, resize.to);
  const out = crop ?? full;
  // Of a side that is too long, the middle is kept; one that is too short gets a border. Rounded as in transformers.
  const left = Math.floor((full.width - out.width) / 2);
  const top = Math.floor((full.height - out.height) / 2);
  const window = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(full.width, out.width),
    height: Math.min(full.height, out.height),
  };
  const kept =
    resize === undefined || (full.width === size.width && full.height === size.height)
      ? cut(pixels, size, window)
      : resample(pixels, size, full, resize.filter, window);
  if (window.width === out.width && window.height === out.height) return kept;
  const padded = new Uint8Array(out.height * out.width * 3);
  for (let row = 0; row < window.height; row++) {
    const to = (row + Math.max(0, -top)) * out.width + Math.max(0, -left);
    padded.set(kept.subarray(row * window.width * 3, (row + 1) * window.width * 3), to * 3);
  }
  return padded;
}

function resizedSize({ width, height }: ImageSize, to: NonNullable<ImagePlan['resize']>['to']): ImageSize {
  if (to.kind === 'exact') return to.size;
  const { length } = to;
  // The longer side is rounded down.
  return width <= height
    ? { width: length, height: Math.trunc((length * height) / width) }
    : { width: Math.trunc((length * width) / height), height: length };
}

function cut(pixels: Uint8Array, { width }: ImageSize, window: Window): Uint8Array {
  const rowBytes = window.width * 3;
  const kept = new Uint8Array(window.height * rowBytes);
  for (let row = 0; row < window.height; row++) {
    const from = ((window.top + row) * width + window.left) * 3;
    kept.set(pixels.subarray(from, from + rowBytes), row * rowBytes);
  }
  return kept;
}
