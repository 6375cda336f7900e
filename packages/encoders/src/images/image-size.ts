/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** @throws RangeError unless both sides are positive whole numbers. */
export function checkSize(where: string, { width, height }: ImageSize): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return;
  throw new RangeError(`${where}: expected a width and a height of at least 1 whole pixel, got ${width}×${height}`);
}
