/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

// Far more than an encoder can use. More pixels would not fit into memory.
const MAX_SIDE = 1 << 14;

/** @throws RangeError unless both sides are whole numbers from 1 to 16,384. */
export function checkSize(where: string, { width, height }: ImageSize): void {
  const isSide = (side: number): boolean => Number.isInteger(side) && side > 0 && side <= MAX_SIDE;
  if (isSide(width) && isSide(height)) return;
  throw new RangeError(
    `${where}: expected a width and a height of 1 to ${MAX_SIDE} whole pixels, got ${width}×${height}`,
  );
}

/** Of an RGB image. */
export function imageBytes({ width, height }: ImageSize): number {
  return height * width * 3;
}
