/** A figure for a table; a dash for null and `NaN`. */
export function figure(value: number | null, digits = 4): string {
  return value === null || Number.isNaN(value) ? '–' : value.toFixed(digits);
}

/** A difference for a table, with its sign; a dash for `NaN`. */
export function signed(value: number, digits = 4): string {
  if (Number.isNaN(value)) return '–';
  return `${value >= 0 ? '+' : '−'}${figure(Math.abs(value), digits)}`;
}

/** Mean ± standard deviation of several seeds' figures; the figure alone if there is one seed. */
export function meanAndDeviation(values: readonly number[]): string {
  const mean = meanOf(values);
  if (values.length === 1) return figure(mean);
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  return `${figure(mean)} ± ${figure(Math.sqrt(variance))}`;
}

/** Arithmetic mean; `NaN` of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
