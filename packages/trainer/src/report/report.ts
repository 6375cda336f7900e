import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Split } from '@sifaka/data';
import type { Metrics } from '../evaluation/evaluate.js';
import type { BankInspection } from '../evaluation/inspect-bank.js';
import type { RankerOptions } from '../model/options.js';
import type { LossPoint, ValidationPoint } from '../run/run-state.js';

/** Bump when a field changes its meaning or goes away. */
export const REPORT_SCHEMA = 1;

/** What `report.json` holds: everything needed to judge a run. Numbers that do not exist (no cold item, say) are null. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly preset: string;
  readonly seed: number;
  readonly options: RankerOptions;
  readonly engine: { readonly name: string; readonly version: string; readonly device: string };
  readonly data: ReportData;
  readonly metrics: {
    readonly validation: Metrics;
    readonly test: Metrics;
    readonly testColdItems: Metrics;
  };
  /** Other scorers on the same test events, by name: `popularity`, `biases`, and `idOnly` where it was trained beside. */
  readonly baselines: Readonly<Record<string, BaselineMetrics>>;
  readonly bank: {
    readonly items: number;
    /** Share of history items that had a vector, since the last look at validation. */
    readonly coverage: number | null;
    /** Mean cosine between replaced vectors and their successors, since the last look at validation. */
    readonly stalenessCosine: number | null;
    /** Median number of steps since a stored vector was written. */
    readonly ageMedian: number | null;
    /** What the bank looked like at the last look at validation; null without content. */
    readonly inspection: BankInspection | null;
  };
  readonly training: {
    readonly steps: number;
    readonly batchSize: number;
    readonly bestStep: number;
    /** Steps with a loss or gradient that was not finite; they changed nothing. */
    readonly skippedSteps: number;
    readonly parameters: number;
    readonly losses: readonly LossPoint[];
    readonly validations: readonly ValidationPoint[];
  };
  readonly throughput: {
    readonly samplesPerSecond: number;
    /** Mean milliseconds of a step by part; `prepare` gathers decoded images and tokens and borrows table rows. */
    readonly stepMs: Readonly<Record<string, number>>;
    readonly peakMemoryMiB: number;
  };
  readonly wallSeconds: number;
}

/** A scorer's figures on all test events, and on those of cold items. */
export interface BaselineMetrics extends Metrics {
  readonly coldItems: Metrics;
}

export interface ReportData {
  readonly events: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly users: number;
  readonly items: number;
  readonly coldItems: number;
  readonly split: {
    readonly kind: Split['kind'];
    readonly leakage: Split['leakage'];
    readonly warnings: readonly string[];
  };
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
  /** The first broken images, by file and reason. */
  readonly brokenImages: readonly { readonly file: string; readonly reason: string }[];
  readonly texts: { readonly ok: number; readonly missing: number };
  /** Events left out because an earlier row has the same user, item and timestamp. */
  readonly duplicateRows: number;
  /** Rows of the item table left out because an earlier one has the same id. */
  readonly duplicateItems: number;
  /** Events whose item is not in the item table; they are kept, without content. */
  readonly unknownItemEvents: number;
  /** Where the queries are from by which `qauc` groups; a model reads them if `options.content.query` is `'samples'`. Absent: there are none. */
  readonly queries?: ReportQueries;
  /** Names events, split, texts, queries and decoded images: equal for equal data. Checkpoints are only continued on the same. */
  readonly fingerprint: string;
}

export interface ReportQueries {
  /** What stands for a query, in words. */
  readonly meaning: string;
  /** Distinct query ids. */
  readonly distinct: number;
  /** Events whose query somebody typed. */
  readonly typed: number;
  /** Events whose query was made of something else. */
  readonly standIns: number;
  /** Events without a query. */
  readonly none: number;
  /** The table of typed queries; absent where there is none. */
  readonly log?: {
    readonly rows: number;
    readonly unknownUsers: number;
    readonly unknownItems: number;
    readonly emptyTexts: number;
  };
}

/** Writes `report.json` into a folder, beside and renamed into place. NaN becomes null. @returns its path */
export async function writeReport(folder: string, report: Report): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'report.json');
  await writeFile(`${file}.partial`, `${JSON.stringify(report, null, 2)}\n`);
  await rename(`${file}.partial`, file);
  return file;
}

/** Peak resident memory of this process so far. */
export function peakMemoryMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}
