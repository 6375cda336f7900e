import { readList, readOneOf, readOptions, readWholeNumber, UsageError } from '@sifaka/cli';
import type { ExcludedItems, HistoryAsOf } from '@sifaka/data';
import {
  CONTROL_KINDS,
  type ControlKind,
  type QuerySource,
  SELECTION_METRICS,
  type SelectionMetric,
} from '@sifaka/trainer';
import { ABLATION_ROWS } from './ablation-rows.js';
import { TASKS, type Task } from './movielens-task.js';
import { EM3_ROW_NAMES, RANKING_MODELS } from './ranking-models.js';
import { type ContentEncoders, readEncoders } from './read-encoders.js';

export const COMMANDS = ['start', 'train', 'compare', 'ablate', 'em3', 'baselines'] as const;
export const PRESETS = ['lemur', 'twoStage', 'idOnly', 'em3'] as const;

/** What `compare` compares by default. */
const COMPARED: readonly Preset[] = ['lemur', 'twoStage', 'idOnly'];

export type Command = (typeof COMMANDS)[number];
export type Preset = (typeof PRESETS)[number];

/** A run's steps have eight digits in the names of its checkpoints; a first stage may add 40 %. */
const MOST_STEPS = 70_000_000;

const MOST_EPOCHS = 1000;

const MOST_TOKENS = 4096;

const OPTIONS = {
  data: { type: 'string' },
  preset: { type: 'string' },
  models: { type: 'string' },
  rows: { type: 'string' },
  seed: { type: 'string' },
  steps: { type: 'string' },
  epochs: { type: 'string' },
  patience: { type: 'string' },
  'select-by': { type: 'string' },
  'batch-size': { type: 'string' },
  task: { type: 'string' },
  negatives: { type: 'string' },
  'history-as-of': { type: 'string' },
  split: { type: 'string' },
  query: { type: 'string' },
  sampling: { type: 'string' },
  'text-encoder': { type: 'string' },
  'image-encoder': { type: 'string' },
  'train-text': { type: 'string' },
  'train-image': { type: 'string' },
  'document-length': { type: 'string' },
  control: { type: 'string' },
  'no-controls': { type: 'boolean' },
  engine: { type: 'string' },
  output: { type: 'string' },
  resume: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Commands that take an option, and what others do instead. */
interface Limit {
  readonly commands: readonly Command[];
  readonly why?: Readonly<Partial<Record<Command, string>>>;
}

const TRAINING: Limit = {
  commands: ['start', 'train', 'compare', 'ablate', 'em3'],
  why: { baselines: 'baselines trains no model' },
};
const ENCODING: Limit = { commands: ['train', 'compare', 'em3'], why: { ablate: 'ablate trains encoders of our own' } };
const FREE_TRAINING: Limit = { commands: ['train', 'compare', 'ablate', 'em3'] };

/** Options of some commands only. */
const LIMITED: Readonly<
  Record<Exclude<keyof typeof OPTIONS, 'data' | 'task' | 'negatives' | 'history-as-of' | 'split' | 'help'>, Limit>
> = {
  preset: {
    commands: ['train', 'compare'],
    why: {
      start: 'start trains idOnly and lemur',
      ablate: 'ablate takes --rows',
      em3: 'em3 takes --models and --rows',
    },
  },
  models: { commands: ['em3'], why: { train: 'train takes --preset', compare: 'compare takes --preset' } },
  rows: { commands: ['ablate', 'em3'] },
  query: { commands: ['train', 'compare'] },
  sampling: { commands: ['train', 'compare', 'em3'], why: { ablate: 'the rows of ablate have their own' } },
  'text-encoder': ENCODING,
  'image-encoder': ENCODING,
  'train-text': ENCODING,
  'train-image': ENCODING,
  'document-length': ENCODING,
  control: {
    commands: ['train'],
    why: {
      compare: 'compare trains controls by itself',
      ablate: 'ablate trains controls by itself',
      em3: 'em3 trains a control by itself',
    },
  },
  'no-controls': { commands: ['compare', 'ablate', 'em3'] },
  epochs: FREE_TRAINING,
  patience: FREE_TRAINING,
  'select-by': FREE_TRAINING,
  seed: TRAINING,
  steps: TRAINING,
  'batch-size': TRAINING,
  engine: TRAINING,
  output: TRAINING,
  resume: TRAINING,
};

export interface DemoArguments {
  readonly command: Command;
  /** Folder with the data; undefined for the embedded data set. */
  readonly data: string | undefined;
  readonly presets: readonly Preset[];
  /** Names of ranking models; undefined for all. */
  readonly models: readonly string[] | undefined;
  /** Names of rows of ablate or em3; undefined for all. */
  readonly rows: readonly string[] | undefined;
  readonly seeds: readonly number[];
  readonly steps: number | undefined;
  readonly epochs: number | undefined;
  /** Validations without improvement after which a run stops; undefined: it takes all steps. */
  readonly patience: number | undefined;
  /** Undefined: AUC for train; for the commands that make a table the figure that it is about. */
  readonly selectBy: SelectionMetric | undefined;
  readonly batchSize: number;
  readonly task: Task;
  /** Which movies of a user are never drawn, for the task `watched`. */
  readonly negatives: ExcludedItems;
  /** Undefined: by visits, if the data have times. */
  readonly historyAsOf: HistoryAsOf | undefined;
  readonly split: 'globalTime' | 'userTime';
  readonly query: QuerySource;
  /** Share of a batch's distinct candidates that are encoded, forward and backward; undefined: the preset's. */
  readonly sampling: number | undefined;
  /** Published encoders, and how encoders are trained. Empty: the preset's. */
  readonly encoders: ContentEncoders;
  /** Most tokens of a movie's title and text; undefined: 40 with overviews, 16 without. */
  readonly documentLength: number | undefined;
  /** Contents of a control in place of the real ones; undefined for the real ones. */
  readonly control: ControlKind | undefined;
  /** Whether compare, ablate and em3 train controls too. */
  readonly controls: boolean;
  readonly engine: string | undefined;
  readonly output: string | undefined;
  readonly resume: boolean;
}

/**
 * Reads the command line.
 *
 * @returns undefined for `--help`.
 * @throws {@link UsageError} naming the argument, the expected values and the one given.
 */
export function readArguments(argv: readonly string[]): DemoArguments | undefined {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) return undefined;
  const [name = 'start', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`expected one command, got ${positionals.join(' ')}`);
  const command = readOneOf('command', COMMANDS, name);
  for (const [option, { commands, why }] of Object.entries(LIMITED)) {
    if (values[option as keyof typeof LIMITED] === undefined || commands.includes(command)) continue;
    const others = why?.[command];
    throw new UsageError(`--${option}: expected with ${listed(commands)} only${others ? `; ${others}` : ''}`);
  }
  if (values.steps !== undefined && values.epochs !== undefined) {
    throw new UsageError('--epochs: expected --steps or --epochs, got both');
  }
  const epochs = values.epochs === undefined ? undefined : readWholeNumber('--epochs', values.epochs, 1, MOST_EPOCHS);
  const task = readOneOf('--task', TASKS, values.task ?? 'liked');
  if (values.negatives !== undefined && task !== 'watched') {
    throw new UsageError(`--negatives: expected with --task watched only, got --task ${task}`);
  }
  const many = command === 'compare' || command === 'ablate' || command === 'em3';
  const { 'select-by': selectBy, 'history-as-of': historyAsOf } = values;
  const presets = readSeveral('--preset', values.preset ?? (many ? COMPARED.join(',') : 'lemur'), many).map((preset) =>
    readOneOf('--preset', PRESETS, preset),
  );
  const seeds = readSeveral('--seed', values.seed ?? (many ? '1,2,3' : '1'), many).map((text) =>
    readWholeNumber('--seed', text, 0),
  );
  // `1,01` are two texts.
  if (new Set(seeds).size < seeds.length) {
    throw new UsageError(`--seed: expected distinct values, got ${values.seed}`);
  }
  return {
    command,
    data: values.data,
    presets,
    models: values.models === undefined ? undefined : readNames('--models', values.models, MODEL_NAMES),
    rows: values.rows === undefined ? undefined : readNames('--rows', values.rows, ROW_NAMES[command]),
    seeds,
    steps: values.steps === undefined ? undefined : readWholeNumber('--steps', values.steps, 1, MOST_STEPS),
    epochs,
    patience: values.patience === undefined ? undefined : readPatience(values.patience, epochs),
    selectBy: selectBy === undefined ? undefined : readOneOf('--select-by', SELECTION_METRICS, selectBy),
    task,
    negatives: readOneOf('--negatives', ['ever', 'soFar'] as const, values.negatives ?? 'ever'),
    historyAsOf: historyAsOf === undefined ? undefined : readOneOf('--history-as-of', ['visit', 'event'], historyAsOf),
    batchSize: readWholeNumber('--batch-size', values['batch-size'] ?? '256', 1),
    split: readOneOf('--split', ['globalTime', 'userTime'] as const, values.split ?? 'globalTime'),
    query: readOneOf('--query', ['likedTitles', 'samples'] as const, values.query ?? 'likedTitles'),
    sampling: values.sampling === undefined ? undefined : readWholeNumber('--sampling', values.sampling, 1, 100) / 100,
    encoders: readEncoders({
      image: { encoder: values['image-encoder'], train: values['train-image'] },
      text: { encoder: values['text-encoder'], train: values['train-text'] },
    }),
    documentLength:
      values['document-length'] === undefined
        ? undefined
        : readWholeNumber('--document-length', values['document-length'], 1, MOST_TOKENS),
    control: values.control === undefined ? undefined : readOneOf('--control', CONTROL_KINDS, values.control),
    controls: !values['no-controls'],
    engine: values.engine,
    output: values.output,
    resume: values.resume ?? false,
  };
}

/** A patience that can end a run: less than its number of validations. */
function readPatience(text: string, epochs: number | undefined): number {
  const patience = readWholeNumber('--patience', text, 1);
  const validations = epochs === undefined ? 5 : 4 * epochs;
  if (patience < validations) return patience;
  const length = epochs === undefined ? '' : ` of ${epochs} epochs`;
  const reason = `because a run${length} validates ${validations} times`;
  throw new UsageError(`--patience: expected at most ${validations - 1}, ${reason}, got ${text}`);
}

const MODEL_NAMES = RANKING_MODELS.map(({ name }) => name);

/** The rows of the commands that take `--rows`. */
const ROW_NAMES: Readonly<Record<string, readonly string[]>> = {
  ablate: ABLATION_ROWS.map(({ name }) => name),
  em3: EM3_ROW_NAMES,
};

function readNames(where: string, text: string, names: readonly string[] = []): string[] {
  return readList(where, text).map((part) => readOneOf(where, names, part));
}

/** `train and compare`, `train, compare and ablate` */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ');
}

/** Reads a list for commands that take one, a single value for the others. */
function readSeveral(where: string, text: string, many: boolean): string[] {
  if (!many && text.includes(',')) {
    throw new UsageError(`${where}: expected one value, got ${text}; only compare, ablate and em3 take a list`);
  }
  return readList(where, text);
}
