import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AddedNegatives, ExcludedItems, Samples, Split } from '@sifaka/data';
import { writeWhole } from '@sifaka/encoders/node';
import type { ControlKind } from '../catalogue/control-catalogue.js';
import type { Metrics } from '../evaluation/evaluate.js';
import type { BankInspection } from '../evaluation/inspect-bank.js';
import type { RankerOptions } from '../model/options.js';
import type { EncoderSources } from '../model/published-encoders.js';
import type { RankingCost } from '../run/ranking-cost.js';
import type { LossPoint, ValidationPoint } from '../run/run-state.js';
import type { SelectionMetric } from '../run/selection.js';

/** Increases when a field changes its meaning or is removed. */
export const REPORT_SCHEMA = 2;

/** The content of `report.json`: everything needed to judge a run. Numbers that do not exist are null. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly preset: string;
  readonly seed: number;
  readonly options: RankerOptions;
  /** The published encoders of the model: commit, licence and digest. Absent: none. */
  readonly encoders?: EncoderSources;
  readonly engine: { readonly name: string; readonly version: string; readonly device: string };
  readonly data: ReportData;
  readonly metrics: {
    readonly validation: Metrics;
    readonly test: Metrics;
    readonly testColdItems: Metrics;
  };
  /** Other scorers on the same test events: those of @sifaka/baselines by name, and `idOnly` if the run trained one. */
  readonly baselines: Readonly<Record<string, BaselineMetrics>>;
  readonly bank: {
    readonly items: number;
    /** Share of history items that had a vector, between the last two validations. */
    readonly coverage: number | null;
    /** Mean cosine between replaced vectors and their successors, between the last two validations. */
    readonly stalenessCosine: number | null;
    /** Median number of steps since a stored vector was written. */
    readonly ageMedian: number | null;
    /** The bank at the last validation; null for an id-only model. */
    readonly inspection: BankInspection | null;
  };
  readonly training: {
    readonly steps: number;
    readonly batchSize: number;
    /** The figure of the validations that chose the weights. */
    readonly selectBy: SelectionMetric;
    /** Validations without improvement after which training stops; null: never. */
    readonly patience: number | null;
    /** The last step that was taken: `steps`, unless patience ended the run. */
    readonly lastStep: number;
    /** The step whose weights were tested. */
    readonly bestStep: number;
    /** Number of steps whose loss or gradient was not finite. They changed nothing. */
    readonly skippedSteps: number;
    readonly parameters: number;
    readonly losses: readonly LossPoint[];
    readonly validations: readonly ValidationPoint[];
  };
  readonly throughput: {
    readonly samplesPerSecond: number;
    /** Mean milliseconds of a step, by phase. */
    readonly stepMs: Readonly<Record<string, number>>;
    /** Peak resident memory of the whole process so far, with everything that it did before the run. */
    readonly peakMemoryMiB: number;
  };
  /** Null: the process that finished the run took no ranking step. Absent in older reports. */
  readonly cost?: RankingCost | null;
  readonly wallSeconds: number;
}

/** Metrics of a scorer on all test events, and on those of cold items. */
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
  /** What the labels mean, by name, where a data set has several meanings. */
  readonly task?: string;
  /** Whether histories end at the event or where its visit began. */
  readonly historyAsOf: Samples['historyAsOf'];
  /** Drawn events among `events`; see `addNegatives` of @sifaka/data. Absent: none. */
  readonly negatives?: AddedNegatives['counts'] & { readonly excluded: ExcludedItems };
  readonly split: {
    readonly kind: Split['kind'];
    readonly leakage: Split['leakage'];
    readonly warnings: readonly string[];
  };
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
  /** The first broken images, by file and reason. */
  readonly brokenImages: readonly { readonly file: string; readonly reason: string }[];
  readonly texts: { readonly ok: number; readonly missing: number };
  /** Number of events removed because an earlier row has the same user, item and timestamp. */
  readonly duplicateRows: number;
  /** Number of rows of the item table removed because an earlier row has the same id. */
  readonly duplicateItems: number;
  /** Number of events whose item is not in the item table. They are kept, without content. */
  readonly unknownItemEvents: number;
  /** The queries by which `qauc` groups. A model reads them if `options.content.query` is `'samples'`. Absent: none. */
  readonly queries?: ReportQueries;
  /** The items' contents are those of a control; see {@link controlCatalogue}. Absent: they are the real ones. */
  readonly control?: { readonly kind: ControlKind; readonly seed: number };
  /**
   * Digest of events, split, texts, queries, attributes and decoded images. A checkpoint is only continued on equal
   * data.
   */
  readonly fingerprint: string;
}

export interface ReportQueries {
  /** What counts as a query, in words. */
  readonly meaning: string;
  /** Number of distinct query ids. */
  readonly distinct: number;
  /** Number of events whose query was typed by the user. */
  readonly typed: number;
  /** Number of events whose query was made of other data. */
  readonly standIns: number;
  /** Number of events without a query. */
  readonly none: number;
  /** Counts of the table of typed queries. Absent if there is no such table. */
  readonly log?: {
    readonly rows: number;
    readonly unknownUsers: number;
    readonly unknownItems: number;
    readonly emptyTexts: number;
  };
}

/** Writes `report.json` to a folder, through a temporary file. NaN becomes null. @returns its path */
export async function writeReport(folder: string, report: Report): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'report.json');
  await writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

/** Peak resident memory of this process so far. */
export function peakMemoryMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}
