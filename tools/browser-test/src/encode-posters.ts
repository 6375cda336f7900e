import sharp from 'sharp';
import { ITEMS, posterPixels, SIDE } from './red-films.js';

/** The posters as PNG files, by dense id. */
export function encodePosters(): Promise<Uint8Array[]> {
  const pixels = posterPixels();
  const bytes = SIDE * SIDE * 3;
  const posters = Array.from({ length: ITEMS }, (_, item) => pixels.subarray(item * bytes, (item + 1) * bytes));
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  return Promise.all(posters.map((poster) => sharp(poster, { raw }).png().toBuffer()));
}
