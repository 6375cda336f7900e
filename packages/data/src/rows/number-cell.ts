const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

/** The number of a text cell; null if it is not a decimal number. */
export function numberOf(cell: string): number | null {
  return NUMBER.test(cell) ? Number(cell) : null;
}
