/**
 * Checks counts and widths: `assertWhole('Linear', { inputDim, outputDim })`.
 *
 * @throws RangeError naming the option unless each is a whole number from `from` to `to`.
 */
export function assertWhole(
  where: string,
  options: Readonly<Record<string, number>>,
  from = 1,
  to: number = Number.MAX_SAFE_INTEGER,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= from && value <= to) continue;
    const range = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
    throw new RangeError(`${where}: expected ${name} to be a whole number ${range}, got ${String(value)}`);
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

/**
 * Checks names and the tags of tagged unions, for callers without a compiler: `assertChoice('DcnV2', { structure },
 * ['stacked', 'parallel'])`, `assertChoice('Sim', { 'search.kind': search.kind }, ['hard', 'soft'])`.
 *
 * @throws RangeError naming the option and listing the choices unless each value is one of them.
 */
export function assertChoice<Choice extends string>(
  where: string,
  options: Readonly<Record<string, Choice>>,
  choices: readonly Choice[],
): void {
  for (const [name, value] of Object.entries(options)) {
    if (choices.includes(value)) continue;
    const names = choices.map((choice) => `'${choice}'`).join(' or ');
    const got = typeof value === 'string' ? `'${value}'` : String(value);
    throw new RangeError(`${where}: expected ${name} to be ${names}, got ${got}`);
  }
}

/**
 * Checks that heads can share a width: `assertHeads('SelfAttention', { dim }, heads)`.
 *
 * @throws RangeError naming the width unless `heads` is a whole number from 1 that divides it.
 */
export function assertHeads(where: string, widths: Readonly<Record<string, number>>, heads: number): void {
  for (const [name, width] of Object.entries(widths)) {
    if (Number.isSafeInteger(heads) && heads >= 1 && width % heads === 0) continue;
    throw new RangeError(`${where}: expected heads to divide ${name} ${width}, got ${String(heads)}`);
  }
}
