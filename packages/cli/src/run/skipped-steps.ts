import type { Report } from '@sifaka/trainer';
import { UsageError } from '../errors/usage-error.js';

/** Above this share of skipped steps a run counts as failed. A few are harmless: they change nothing. */
export const MOST_SKIPPED = 0.1;

/** Prints a line for each run that skipped steps, because their loss or gradient was not finite. */
export function printSkippedSteps(reports: readonly Report[], print: (text: string) => void): void {
  for (const report of reports) {
    if (report.training.skippedSteps > 0)
      print(`  Skipped steps: ${describe(report)}, without a finite loss or gradient`);
  }
}

/**
 * Ends a command whose figures are written and printed, but mean little.
 *
 * @throws {@link UsageError} naming the runs that skipped more than {@link MOST_SKIPPED} of their steps.
 */
export function assertFewSkipped(reports: readonly Report[]): void {
  const failed = reports.filter(({ training: { skippedSteps, steps } }) => skippedSteps > MOST_SKIPPED * steps);
  if (failed.length === 0) return;
  throw new UsageError(
    `Training: expected at most ${100 * MOST_SKIPPED} % of the steps to be skipped, got ` +
      `${failed.map(describe).join('; ')}\n` +
      '  Their loss or gradient was not finite, so they changed nothing. The files are kept, but their figures mean ' +
      'little.\n  Lower the learning rates and loss weights, or raise the temperatures.',
  );
}

/** `lemur, seed 1: 80 of 80` */
function describe({ preset, seed, training: { skippedSteps, steps } }: Report): string {
  return `${preset}, seed ${seed}: ${skippedSteps} of ${steps}`;
}
