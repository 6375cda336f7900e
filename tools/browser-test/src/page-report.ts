import type { EngineReport } from '@sifaka/backend';
import type { TrainedSteps } from './train-steps.js';

/** What `page/every-entry.ts` reports to the test. */
export interface PageReport {
  readonly engine: Pick<EngineReport, 'name' | 'threads'>;
  /** Whether the page is cross-origin isolated. */
  readonly isolated: boolean;
  /** Names of the exports of each entry, sorted. */
  readonly exported: Readonly<Record<string, readonly string[]>>;
  readonly training: TrainedSteps;
}
