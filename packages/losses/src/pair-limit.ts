import { assertWhole } from '@sifaka/nn';

/** Limit of the losses whose memory grows with the number of pairs of a query and a candidate. */
export interface PairLimit {
  /**
   * Largest number of pairs. More are refused before anything is allocated. A loss and its gradient take about 50 bytes
   * per pair at their peak (measured on the wasm engine, which cannot hold more than 4 GB). Default 2²⁶, which is
   * 8,192 × 8,192 pairs and 3.4 GB.
   */
  readonly maxPairs?: number;
}

/** Peak of a loss and its gradient: a dozen arrays of float32. */
const BYTES_PER_PAIR = 50;

const DEFAULT_MAX_PAIRS = 2 ** 26;

/**
 * @param advice what lowers the number of pairs, for the message.
 * @throws RangeError naming both sizes and the memory, or if `maxPairs` is not a whole number from 1.
 */
export function assertPairs(
  where: string,
  queries: number,
  candidates: number,
  { maxPairs = DEFAULT_MAX_PAIRS }: PairLimit,
  advice = 'a smaller batch',
): void {
  assertWhole(where, { maxPairs });
  const pairs = queries * candidates;
  if (pairs <= maxPairs) return;
  const bytes = pairs * BYTES_PER_PAIR;
  const memory = bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  throw new RangeError(
    `${where}: expected at most ${maxPairs} pairs (maxPairs), got ${queries} queries × ${candidates} candidates = ` +
      `${pairs}, which take about ${memory}; use ${advice} or raise maxPairs`,
  );
}
