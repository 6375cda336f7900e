import { parseArgs } from 'node:util';

export const COMMANDS = ['start', 'train', 'compare'] as const;
export const PRESETS = ['lemur', 'twoStage', 'idOnly'] as const;

export type Command = (typeof COMMANDS)[number];
export type Preset = (typeof PRESETS)[number];

export interface DemoArguments {
  readonly command: Command;
  /** Folder with the data; undefined for the embedded set. */
  readonly data: string | undefined;
  readonly presets: readonly Preset[];
  readonly seeds: readonly number[];
  readonly steps: number | undefined;
  readonly batchSize: number;
  readonly split: 'globalTime' | 'userTime';
  readonly engine: string | undefined;
  readonly output: string | undefined;
  readonly resume: boolean;
}

export const HELP = `Trains a recommender end to end from posters and text.

  npm start                                    ids alone and LEMUR on the embedded MovieLens
  npm run demo -- train --data DIR             one model on a folder of MovieLens's shape
  npm run demo -- compare --data DIR           several models and seeds, with paired bootstrap

A folder holds movies.csv (movieId, title, genres), ratings.csv (userId, movieId, rating, timestamp), posters/MOVIE_ID.jpg,
and, if there are any, overviews.csv (movieId, overview). Without --data the embedded set is used.

  --preset NAME      lemur (default), twoStage, idOnly; for compare a list: lemur,idOnly
  --seed N           default 1; for compare a list: 1,2,3
  --steps N          training steps; default: by preset
  --batch-size N     default 256
  --split KIND       globalTime (default) or userTime
  --engine NAME      auto (default), tensorflow-gpu, tensorflow, wasm, cpu
  --output DIR       where checkpoints, report and plot go; default runs/COMMAND
  --resume           go on from the last checkpoint in the output folder; finished runs are kept
  --help
`;

/** Bad use of the command line: the message is all that the user needs to see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns undefined if help is asked for. @throws {@link UsageError} naming the argument, what was expected and what came. */
export function readArguments(argv: readonly string[]): DemoArguments | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [command = 'start', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`expected one command, got ${positionals.join(' ')}`);
  const list = (text: string) => text.split(',').map((part) => part.trim());
  const many = command === 'compare';
  const presets = list(values.preset ?? (many ? PRESETS.join(',') : 'lemur')).map((name) =>
    oneOf('--preset', PRESETS, name),
  );
  const seeds = list(values.seed ?? (many ? '1,2,3' : '1')).map((text) => wholeNumber('--seed', text, 0));
  if (!many && (presets.length > 1 || seeds.length > 1)) {
    throw new UsageError(
      `${command}: expected one preset and one seed, got ${presets.join(',')} and ${seeds.join(',')}`,
    );
  }
  return {
    command: oneOf('command', COMMANDS, command),
    data: values.data,
    presets,
    seeds,
    steps: values.steps === undefined ? undefined : wholeNumber('--steps', values.steps, 1),
    batchSize: wholeNumber('--batch-size', values['batch-size'] ?? '256', 1),
    split: oneOf('--split', ['globalTime', 'userTime'] as const, values.split ?? 'globalTime'),
    engine: values.engine,
    output: values.output,
    resume: values.resume ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        preset: { type: 'string' },
        seed: { type: 'string' },
        steps: { type: 'string' },
        'batch-size': { type: 'string' },
        split: { type: 'string' },
        engine: { type: 'string' },
        output: { type: 'string' },
        resume: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function oneOf<const Name extends string>(where: string, names: readonly Name[], got: string): Name {
  const found = names.find((name) => name === got);
  if (found === undefined) throw new UsageError(`${where}: expected one of ${names.join(', ')}, got ${got}`);
  return found;
}

function wholeNumber(where: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
    throw new UsageError(`${where}: expected a whole number from ${least}, got ${text}`);
  }
  return value;
}
