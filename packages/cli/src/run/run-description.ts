import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RankerOptions } from '@sifaka/trainer';
import type { DataReport } from '../dataset/dataset.js';
import { UsageError } from '../errors/usage-error.js';
import type { ModelRun } from './model-run.js';
import { RUN_FILES } from './run-files.js';
import { validationInterval } from './training-length.js';
import { writeWhole } from './write-whole.js';

const SCHEMA = 1;

/** Content of `run.json`: which run a folder holds. It also says that the run's files in the folder are its own. */
export interface RunDescription {
  readonly program: 'sifaka';
  readonly schema: number;
  readonly options: RankerOptions;
  readonly steps: number;
  readonly batchSize: number;
  /** The figure that chooses the weights. Absent in older runs: AUC. */
  readonly selectBy?: ModelRun['selectBy'];
  /** Null: the run takes all steps. Absent in older runs. */
  readonly patience?: number | null;
  /** Steps between validations. Absent in older runs. */
  readonly evaluateEvery?: number;
  /** Of the data; see `ReportData.fingerprint`. */
  readonly fingerprint: string;
  /** Choices that the fingerprint depends on, to name differences. Null: as the data come. Absent in older runs. */
  readonly data?: DataChoices;
  /** SHA-256 of the files of a finished run, by name. Null until then. */
  readonly files: Readonly<Record<string, string>> | null;
}

/** Choices that make other data of the same tables. */
interface DataChoices {
  readonly task: string | null;
  readonly historyAsOf: string;
  /** Which items of a user are never drawn as negatives. Null: none are drawn. Absent in older runs. */
  readonly negatives?: string | null;
  /** As `permuted, seed 1`. */
  readonly control: string | null;
}

function choicesOf({ task, historyAsOf, negatives, control }: DataReport): DataChoices {
  const named = control === undefined ? null : `${control.kind}, seed ${control.seed}`;
  return { task: task ?? null, historyAsOf, negatives: negatives?.excluded ?? null, control: named };
}

/** Writes a run's description. @param files contents of the files of a finished run, by name */
export async function writeDescription(
  run: ModelRun,
  files?: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const { folder, options, steps, batchSize, selectBy = 'auc', patience, data } = run;
  const description: RunDescription = {
    program: 'sifaka',
    schema: SCHEMA,
    options,
    steps,
    batchSize,
    selectBy,
    patience: patience ?? null,
    evaluateEvery: validationInterval(run),
    fingerprint: data.report.fingerprint,
    data: choicesOf(data.report),
    files:
      files === undefined ? null : Object.fromEntries(Object.entries(files).map(([name, of]) => [name, sha256(of)])),
  };
  await writeWhole(path.join(folder, RUN_FILES.description), `${JSON.stringify(description, null, 2)}\n`);
}

/** @returns undefined if the folder has no `run.json`; null if it has one that no run of this version wrote. */
export async function readDescription(folder: string): Promise<RunDescription | undefined | null> {
  try {
    const read = JSON.parse(await readFile(path.join(folder, RUN_FILES.description), 'utf8')) as RunDescription | null;
    return read?.program === 'sifaka' && read.schema === SCHEMA ? read : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Compares the run in a folder with the one that should continue it. The number of steps and the patience may differ,
 * and with the steps the time between validations.
 *
 * @throws {@link UsageError} naming each difference.
 */
export function assertSameRun(there: RunDescription, run: ModelRun): void {
  const { folder, options, steps, batchSize, selectBy = 'auc', data } = run;
  const problems: string[] = [];
  if (there.batchSize !== batchSize) {
    problems.push(`--batch-size: expected ${there.batchSize}, that of the run in ${folder}, got ${batchSize}`);
  }
  if ((there.selectBy ?? 'auc') !== selectBy) {
    problems.push(`--select-by: expected ${there.selectBy ?? 'auc'}, that of the run in ${folder}, got ${selectBy}`);
  }
  const every = validationInterval(run);
  if (there.steps === steps && there.evaluateEvery !== undefined && there.evaluateEvery !== every) {
    const expected = `expected a validation every ${there.evaluateEvery} steps, as of the run in ${folder}`;
    problems.push(`--resume: ${expected}, got every ${every} (--steps and --epochs differ in this)`);
  }
  const changed = differences(there.options, JSON.parse(JSON.stringify(options))).join('; ');
  if (changed !== '') {
    problems.push(`--resume: expected the options of this run, got those of another in ${folder} (${changed})`);
  }
  const { fingerprint } = data.report;
  const choices = choicesOf(data.report);
  const chosen = differences({ ...choices, ...there.data }, choices).join('; ');
  if (chosen !== '') {
    problems.push(`--resume: expected the data of the run in ${folder}, got others (${chosen})`);
  } else if (there.fingerprint !== fingerprint) {
    const data = `expected data ${there.fingerprint}, that of the run in ${folder}, got ${fingerprint}`;
    problems.push(`--resume: ${data}: events, split, texts or posters have changed`);
  }
  if (problems.length > 0) throw new UsageError([...problems, STARTS_OVER].join('\n  '));
}

/** Added to errors about a run that cannot be continued. */
export const STARTS_OVER = 'Without --resume, the run starts from the beginning and replaces these files.';

/** `seed: 1 there, 2 here`, for each value that differs. */
function differences(there: unknown, here: unknown, name = ''): string[] {
  if (isDeepStrictEqual(there, here)) return [];
  if (!isRecord(there) || !isRecord(here)) {
    const shown = (value: unknown) => (value === null ? 'none' : JSON.stringify(value));
    return [`${name || 'options'}: ${shown(there)} there, ${shown(here)} here`];
  }
  const keys = new Set([...Object.keys(there), ...Object.keys(here)]);
  return [...keys].flatMap((key) => differences(there[key], here[key], name === '' ? key : `${name}.${key}`));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Names of the present files that are missing (undefined) or differ from those that the run wrote. */
export function changedFiles(
  { files }: RunDescription,
  present: Readonly<Record<string, Uint8Array | undefined>>,
): string[] {
  return Object.entries(present).flatMap(([name, content]) =>
    content === undefined || sha256(content) !== files?.[name] ? [name] : [],
  );
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
