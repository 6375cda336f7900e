import path from 'node:path';
import { type EngineName, useEngine } from '@sifaka/backend';
import {
  bar,
  type Dataset,
  describeEngine,
  duration,
  INTERRUPTED,
  makeOutputFolder,
  ProgressLine,
  printable,
  printBaselines,
  resumeCommand,
  runProgram,
  shownFrom,
  UsageError,
  withControl,
} from '@sifaka/cli';
import { ablate } from './ablate.js';
import { type DemoArguments, readArguments } from './arguments.js';
import { compare } from './compare.js';
import type { DemoEnvironment } from './demo-run.js';
import { em3 } from './em3.js';
import { prepareEmbeddedData } from './embedded-data.js';
import { HELP } from './help.js';
import { loadMovieLens } from './load-movielens.js';
import { placeEncoders } from './read-encoders.js';
import { start } from './start.js';
import { train } from './train.js';

/** Runs the whole program. @returns the exit code: 0 done, 1 an error that was shown, 130 interrupted. */
export function runDemo(argv: readonly string[], environment: DemoEnvironment): Promise<number> {
  const print = (text: string) => environment.print(printable(text)); // Names of files and ids come from the data.
  return runProgram(() => runCommand(argv, { ...environment, print }), environment.terminal);
}

const COMMANDS = { start, train, compare, ablate, em3 } as const;

async function runCommand(argv: readonly string[], environment: DemoEnvironment): Promise<number> {
  const { print, terminal, signal, workingFolder, runsFolder } = environment;
  const read = readArguments(argv);
  if (read === undefined) {
    print(HELP);
    return 0;
  }
  const given = { ...read, encoders: await placeEncoders(read.encoders, workingFolder) };
  if (given.command === 'baselines') return showBaselines(given, environment);
  const started = performance.now();
  const output = path.resolve(workingFolder, given.output ?? path.join(runsFolder, given.command));
  await makeOutputFolder(output);
  const engine = await useEngine((given.engine ?? environment.engine) as EngineName | 'auto');
  describeEngine(engine, print);
  const loaded = await loadData(given, environment);
  if (loaded === undefined) {
    const kept = given.data === undefined ? '; rendered posters are kept' : '';
    print(`\nStopped before training began. Run the same command again${kept}.`);
    return INTERRUPTED;
  }
  const { control, seeds } = given;
  const data = control === undefined ? loaded : withControl(loaded, control, seeds[0]!);
  describeData(data, given, print);
  const trainable = data.split.train.length;
  if (given.batchSize > trainable) {
    throw new UsageError(
      `--batch-size: expected at most ${trainable}, the number of events in train, got ${given.batchSize}`,
    );
  }

  const shown = shownFrom(workingFolder);
  const finished = await COMMANDS[given.command]({
    arguments: given,
    data,
    engine,
    output,
    print,
    terminal,
    signal,
    shown,
  });
  if (!finished) {
    print(`\nStopped; the checkpoint is saved under ${shown(output)}`);
    print(`Continue with   ${resumeCommand(argv, environment.launch)}`);
    return INTERRUPTED;
  }
  print(`\nDone in ${duration((performance.now() - started) / 1000)}.`);
  return 0;
}

/** Needs no engine and no output folder. @returns the exit code. */
async function showBaselines(given: DemoArguments, environment: DemoEnvironment): Promise<number> {
  const { print } = environment;
  const data = await loadData(given, environment);
  if (data === undefined) {
    print('\nStopped.');
    return INTERRUPTED;
  }
  describeData(data, given, print);
  printBaselines(data, print);
  return 0;
}

/** @returns undefined if it was interrupted. */
async function loadData(given: DemoArguments, environment: DemoEnvironment): Promise<Dataset | undefined> {
  const { terminal, signal, workingFolder, cacheFolder } = environment;
  const progress = new ProgressLine(terminal);
  try {
    let folder = given.data === undefined ? undefined : path.resolve(workingFolder, given.data);
    if (folder === undefined) {
      folder = path.join(cacheFolder, 'ml-latest-small');
      await prepareEmbeddedData({
        folder,
        signal,
        onProgress: ({ done, total }) => progress.update(`rendering posters ${bar(done, total)}`),
      }).catch(explainCache);
    }
    return await loadMovieLens({
      folder,
      task: given.task,
      negatives: given.negatives,
      historyAsOf: given.historyAsOf,
      split: given.split,
      encoders: given.encoders,
      documentLength: given.documentLength,
      cacheFolder,
      signal,
      onProgress: (done, total) => progress.update(`decoding posters ${bar(done, total)}`),
      onDownload: ({ file, received, size }) => progress.update(`downloading ${file} ${bar(received, size)}`),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    progress.done();
  }
}

/** @throws UsageError naming the variable, if the operating system refused to write. */
function explainCache(error: NodeJS.ErrnoException): never {
  if (error.syscall === undefined) throw error;
  const problem = `expected a folder to write the embedded data to, got ${error.message}`;
  throw new UsageError(`SIFAKA_CACHE: ${problem}`, { cause: error });
}

function describeData(
  { encoders, report, warnings }: Dataset,
  { query }: DemoArguments,
  print: (text: string) => void,
): void {
  const { images, texts, split, task, historyAsOf, negatives, queries } = report;
  const parts = `train ${report.train}, validation ${report.validation}, test ${report.test} (${split.kind})`;
  const posters = `${images.ok} read, ${images.missing} missing, ${images.broken} broken`;
  print(`Data     ${report.events} events of ${report.users} users on ${report.items} movies`);
  print(`         ${parts}; ${report.coldItems} cold items`);
  if (task !== undefined) print(`         task: ${task}; histories end where the ${historyAsOf} begins`);
  if (negatives !== undefined) {
    const missing = negatives.missing === 0 ? '' : `; ${negatives.missing} more could not be drawn`;
    print(
      `         ${negatives.positives} ratings, and ${negatives.negatives} drawn movies that were not rated${missing}`,
    );
    if (negatives.excluded === 'soFar') {
      print(`         ${negatives.falseNegatives} of the drawn movies are rated by the same user in a later visit`);
    }
  }
  print(`         posters: ${posters}; texts: ${texts.ok}, ${texts.missing} missing`);
  if (report.control !== undefined) print(`         control: ${report.control.kind} posters, titles, texts and genres`);
  if (query === 'samples' && queries !== undefined) {
    print(`         query: ${queries.meaning}`);
    print(
      `         ${queries.typed} events with a tag, ${queries.standIns} with a title, ${queries.none} without a query`,
    );
  }
  if (report.duplicateRows > 0) print(`         ${report.duplicateRows} duplicate ratings left out`);
  if (report.duplicateItems > 0) print(`         ${report.duplicateItems} duplicate movies left out`);
  if (report.unknownItemEvents > 0) {
    print(`         ${report.unknownItemEvents} ratings of movies that movies.csv does not list, kept without text`);
  }
  for (const description of encoders?.descriptions ?? []) print(`         encoder: ${description}`);
  for (const { file, reason } of report.brokenImages.slice(0, 3)) print(`         broken poster ${file}: ${reason}`);
  for (const warning of warnings) print(`         warning: ${warning}`);
  print('');
}
