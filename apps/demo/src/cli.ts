import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError, type EngineName, type EngineReport, useEngine } from '@sifaka/backend';
import { TableError } from '@sifaka/data';
import { CheckpointError } from '@sifaka/trainer';
import { type DemoArguments, HELP, readArguments, UsageError } from './arguments.js';
import { compare } from './compare.js';
import { prepareEmbeddedData } from './embedded-data.js';
import { loadMovieLens, type MovieLens } from './load-movielens.js';
import { bar, duration, ProgressLine } from './progress.js';
import { start } from './start.js';
import { trainOne } from './train-one.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = process.env['SIFAKA_CACHE'] ?? path.join(ROOT, '.cache');

/** What every command works with. */
export interface DemoRun {
  readonly arguments: DemoArguments;
  readonly data: MovieLens;
  readonly engine: EngineReport;
  /** Where checkpoints, reports and plots go. */
  readonly output: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The command that goes on with this run. */
  readonly resumeCommand: string;
}

const INTERRUPTED = 130;

async function main(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv);
  if (given === undefined) {
    console.log(HELP);
    return 0;
  }
  const started = performance.now();
  const signal = interruptSignal();
  const engine = await useEngine((given.engine ?? process.env['SIFAKA_ENGINE'] ?? 'auto') as EngineName | 'auto');
  console.log(`Engine   ${engine.name} ${engine.version}, ${engine.device}`);
  for (const { name, reason, command } of engine.passedOver) console.log(`         ${name}: ${reason} (${command})`);
  const data = await loadData(given, signal);
  if (data === undefined) return INTERRUPTED;
  describe(data);

  const run: DemoRun = {
    arguments: given,
    data,
    engine,
    output: path.resolve(
      process.env['INIT_CWD'] ?? process.cwd(),
      given.output ?? path.join(ROOT, 'runs', given.command),
    ),
    signal,
    resumeCommand: resumeCommand(argv, given),
  };
  const commands = { start, train: trainOne, compare } as const;
  const finished = await commands[given.command](run);
  if (!finished) {
    console.log(`\nStopped; the checkpoint is saved under ${run.output}.\nGo on with   ${run.resumeCommand}`);
    return INTERRUPTED;
  }
  console.log(`\nDone in ${duration((performance.now() - started) / 1000)}.`);
  return 0;
}

async function loadData(given: DemoArguments, signal: AbortSignal): Promise<MovieLens | undefined> {
  const progress = new ProgressLine();
  try {
    let folder =
      given.data === undefined ? undefined : path.resolve(process.env['INIT_CWD'] ?? process.cwd(), given.data);
    if (folder === undefined) {
      folder = path.join(CACHE, 'ml-latest-small');
      await prepareEmbeddedData({
        folder,
        signal,
        onProgress: ({ done, total }) => progress.update(`rendering posters ${bar(done, total)}`),
      });
    }
    const data = await loadMovieLens({
      folder,
      split: given.split,
      cacheFolder: CACHE,
      onProgress: (done, total) => progress.update(`decoding posters ${bar(done, total)}`),
    });
    return signal.aborted ? undefined : data;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    progress.done();
  }
}

function describe({ report }: MovieLens): void {
  const { images, texts, split } = report;
  console.log(`Data     ${report.events} events of ${report.users} users on ${report.items} movies`);
  console.log(
    `         train ${report.train}, validation ${report.validation}, test ${report.test} (${split.kind}); ${report.coldItems} cold items`,
  );
  console.log(
    `         posters: ${images.ok} read, ${images.missing} missing, ${images.broken} broken; texts: ${texts.ok}, ${texts.missing} missing`,
  );
  if (report.duplicateRows > 0) console.log(`         ${report.duplicateRows} duplicate ratings left out`);
  if (report.unknownItemEvents > 0)
    console.log(`         ${report.unknownItemEvents} ratings of movies that movies.csv does not list`);
  for (const { file, reason } of report.brokenImages.slice(0, 3))
    console.log(`         broken poster ${file}: ${reason}`);
  for (const warning of split.warnings) console.log(`         warning: ${warning}`);
  console.log();
}

/** The first Ctrl-C asks for a checkpoint, the second one leaves at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort();
      process.stderr.write('\n  Stopping after this step; once more to leave at once.\n');
    });
  }
  return controller.signal;
}

function resumeCommand(argv: readonly string[], { command }: DemoArguments): string {
  const rest = argv.filter((argument) => argument !== '--resume' && argument !== command);
  const quoted = [...rest, '--resume']
    .map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument}'`))
    .join(' ');
  return command === 'start' ? `npm start -- ${quoted}` : `npm run demo -- ${command} ${quoted}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // What a user can mend is one message; anything else is a defect of ours and shows its stack.
  const expected = [UsageError, TableError, CheckpointError, EngineError].some((type) => error instanceof type);
  const message = error instanceof Error ? error.message : String(error);
  console.error(expected || message.startsWith('--') ? `\n${message}` : error);
  process.exitCode = 1;
}
