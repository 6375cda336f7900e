import { ENGINE_NAMES } from '@sifaka/backend';
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

export const COMMANDS = ['start', 'train', 'compare', 'ablate', 'baselines'] as const;
export const PRESETS = ['lemur', 'twoStage', 'idOnly'] as const;

export type Command = (typeof COMMANDS)[number];
export type Preset = (typeof PRESETS)[number];

/** A run's steps have eight digits in the names of its checkpoints; a first stage may add 40 %. */
const MOST_STEPS = 70_000_000;

const MOST_EPOCHS = 1000;

const OPTIONS = {
  data: { type: 'string' },
  preset: { type: 'string' },
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
  commands: ['start', 'train', 'compare', 'ablate'],
  why: { baselines: 'baselines trains no model' },
};
const FREE_TRAINING: Limit = { commands: ['train', 'compare', 'ablate'] };

/** Options of some commands only. */
const LIMITED: Readonly<
  Record<Exclude<keyof typeof OPTIONS, 'data' | 'task' | 'negatives' | 'history-as-of' | 'split' | 'help'>, Limit>
> = {
  preset: {
    commands: ['train', 'compare'],
    why: { start: 'start trains idOnly and lemur', ablate: 'ablate takes --rows' },
  },
  rows: { commands: ['ablate'] },
  query: { commands: ['train', 'compare'] },
  control: {
    commands: ['train'],
    why: { compare: 'compare trains controls by itself', ablate: 'ablate trains controls by itself' },
  },
  'no-controls': { commands: ['compare', 'ablate'] },
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
  /** Names of ablation rows; undefined for all. */
  readonly rows: readonly string[] | undefined;
  readonly seeds: readonly number[];
  readonly steps: number | undefined;
  readonly epochs: number | undefined;
  /** Validations without improvement after which a run stops; undefined: it takes all steps. */
  readonly patience: number | undefined;
  readonly selectBy: SelectionMetric;
  readonly batchSize: number;
  readonly task: Task;
  /** Which movies of a user are never drawn, for the task `watched`. */
  readonly negatives: ExcludedItems;
  readonly historyAsOf: HistoryAsOf;
  readonly split: 'globalTime' | 'userTime';
  readonly query: QuerySource;
  /** Contents of a control in place of the real ones; undefined for the real ones. */
  readonly control: ControlKind | undefined;
  /** Whether compare and ablate train controls too. */
  readonly controls: boolean;
  readonly engine: string | undefined;
  readonly output: string | undefined;
  readonly resume: boolean;
}

export const HELP: string = `Trains a recommender end to end from posters and text.

  npm start                                    ids alone, LEMUR and its control, on the embedded MovieLens
  npm run demo -- train --data DIR             one model on a folder in MovieLens's format
  npm run demo -- compare --data DIR           several models and seeds, with paired bootstrap
  npm run demo -- ablate --data DIR            the rows of LEMUR's tables: effect and cost of each part
  npm run demo -- baselines --data DIR         what popularity and logistic regressions reach, without training

A folder holds movies.csv (movieId, title, genres), ratings.csv (userId, movieId, rating, timestamp),
posters/MOVIE_ID.jpg and, optionally, overviews.csv (movieId, overview) and tags.csv (userId, movieId, tag, timestamp).
Without --data, the embedded data set is used.

  --preset NAME      lemur (default), twoStage or idOnly; for compare a list such as lemur,idOnly, default all
  --rows LIST        for ablate: a list of row names; default all
  --seed N           default 1; for compare and ablate a list, default 1,2,3
  --steps N          ranking steps; the default depends on the preset, and is 1500 for ablate
  --epochs N         in place of --steps, for train, compare and ablate: passes over the train part, with about four
                     validations in each
  --patience N       for the same: stop after N validations that are not better than the best; default: take all steps
  --select-by NAME   for the same: the figure of the validations whose best step is tested: auc (default of train), gauc
                     (by user) or gaucByVisit. Compare and ablate take gaucByVisit by default, or gauc with
                     --history-as-of event
  --batch-size N     default 256
  --task NAME        liked (default): tell ratings of 4 stars and more from lower ones; or watched: tell movies that the
                     user rated from three others for each, drawn from what others rated in the same quarter of a year
  --negatives WHICH  for watched, movies that are not drawn: ever (default), those that the user rated at any time; or
                     soFar, those rated up to the end of the visit. With ever, the negatives tell of the future: the
                     user rates no drawn movie later. With soFar the user rates some of them later
  --history-as-of T  visit (default): a model knows what was known when the visit began; or event: everything up to the
                     event. A visit is a user's ratings with gaps of at most 30 minutes
  --split KIND       globalTime (default) or userTime
  --query SOURCE     input of the query tower, for train and compare
                     likedTitles (default): the titles that the user liked last before the event
                     samples: a tag that the user typed in the day before, otherwise the title that they liked last
                     when the session began; tables then have QAUC
  --control KIND     for train, contents that say nothing of their movies: permuted (every movie has another one's) or
                     blank (all have the same picture, no text and no genres)
  --no-controls      for compare and ablate: train no controls. They show what the contents bring, and about double the
                     time
  --engine NAME      auto (default), ${ENGINE_NAMES.join(', ')}
  --output DIR       folder for checkpoints, report and plot; default runs/COMMAND
  --resume           continue from the last checkpoint in the output folder; finished runs are kept
  --help             this text

Environment variables; an empty one counts as not set.

  SIFAKA_CACHE       folder for decoded posters and the embedded data; default .cache in the repository
  SIFAKA_ENGINE      the engine without --engine
  SIFAKA_HOME        folder of installed engines; default ~/.cache/sifaka
`;

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
  const many = command === 'compare' || command === 'ablate';
  const historyAsOf = readOneOf('--history-as-of', ['visit', 'event'] as const, values['history-as-of'] ?? 'visit');
  const tableMetric = historyAsOf === 'visit' ? 'gaucByVisit' : 'gauc';
  const presets = readSeveral('--preset', values.preset ?? (many ? PRESETS.join(',') : 'lemur'), many).map((preset) =>
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
    rows: values.rows === undefined ? undefined : readRows(values.rows),
    seeds,
    steps: values.steps === undefined ? undefined : readWholeNumber('--steps', values.steps, 1, MOST_STEPS),
    epochs,
    patience: values.patience === undefined ? undefined : readPatience(values.patience, epochs),
    selectBy: readOneOf('--select-by', SELECTION_METRICS, values['select-by'] ?? (many ? tableMetric : 'auc')),
    task,
    negatives: readOneOf('--negatives', ['ever', 'soFar'] as const, values.negatives ?? 'ever'),
    historyAsOf,
    batchSize: readWholeNumber('--batch-size', values['batch-size'] ?? '256', 1),
    split: readOneOf('--split', ['globalTime', 'userTime'] as const, values.split ?? 'globalTime'),
    query: readOneOf('--query', ['likedTitles', 'samples'] as const, values.query ?? 'likedTitles'),
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

function readRows(text: string): string[] {
  const names = ABLATION_ROWS.map(({ name }) => name);
  return readList('--rows', text).map((part) => readOneOf('--rows', names, part));
}

/** `train and compare`, `train, compare and ablate` */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ');
}

/** Reads a list for commands that take one, a single value for the others. */
function readSeveral(where: string, text: string, many: boolean): string[] {
  if (!many && text.includes(',')) {
    throw new UsageError(`${where}: expected one value, got ${text}; only compare and ablate take a list`);
  }
  return readList(where, text);
}
