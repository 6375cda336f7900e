/**
 * Checks counts and widths: `assertWhole('Linear', { inputDim, outputDim })`.
 *
 * @throws RangeError naming the option unless each is a whole number of at least `from`.
 */
export function assertWhole(where: string, options: Readonly<Record<string, number>>, from = 1): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= from) continue;
    throw new RangeError(`${where}: expected ${name} to be a whole number from ${from}, got ${String(value)}`);
  }
}

export interface NumberRange {
  /** Smallest value. Default 0. */
  readonly from?: number;
  /** Whether `from` itself is excluded. Default false. */
  readonly above?: boolean;
  /** All values are smaller. Default: no bound. */
  readonly below?: number;
  /** Largest value. Default: any finite number. */
  readonly to?: number;
}

/**
 * Checks rates and factors: `assertNumber('AdamW', { beta1, beta2 }, { below: 1 })`.
 *
 * @throws RangeError naming the option unless each is a finite number in the range.
 */
export function assertNumber(
  where: string,
  options: Readonly<Record<string, number>>,
  { from = 0, above = false, below, to }: NumberRange = {},
): void {
  for (const [name, value] of Object.entries(options)) {
    const isInside =
      Number.isFinite(value) &&
      (above ? value > from : value >= from) &&
      (below === undefined || value < below) &&
      (to === undefined || value <= to);
    if (isInside) continue;
    const start = above ? `above ${from}` : `from ${from}`;
    const end = below !== undefined ? ` and below ${below}` : to !== undefined ? ` to ${to}` : '';
    throw new RangeError(`${where}: expected ${name} to be a number ${start}${end}, got ${String(value)}`);
  }
}

/** @throws RangeError unless the seed is a whole number, of either sign. */
export function assertSeed(where: string, seed: number): void {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`${where}: expected seed to be a whole number, got ${String(seed)}`);
  }
}
