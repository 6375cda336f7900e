import path from 'node:path';
import { runDemo } from '@sifaka/demo';

export interface TryDemoOptions {
  /** Interrupts, as Ctrl-C does, when progress says this. */
  readonly interruptAt?: RegExp;
  readonly npmScript?: string;
}

export interface DemoTranscript {
  readonly code: number;
  /** What a user sees on standard output. */
  readonly output: string;
  /** Progress and errors. */
  readonly errors: string;
}

/** Runs the whole program as the command line does, in a room of its own. */
export async function tryDemo(
  room: string,
  argv: readonly string[],
  { interruptAt, npmScript }: TryDemoOptions = {},
): Promise<DemoTranscript> {
  const controller = new AbortController();
  let output = '';
  let errors = '';
  const code = await runDemo(argv, {
    print: (text) => {
      output += `${text}\n`;
    },
    terminal: {
      isTTY: true,
      columns: 200,
      write: (text) => {
        errors += text;
        if (interruptAt?.test(text)) controller.abort();
      },
    },
    signal: controller.signal,
    workingFolder: room,
    cacheFolder: path.join(room, 'cache'),
    runsFolder: path.join(room, 'runs'),
    engine: process.env['SIFAKA_TEST_ENGINE'] ?? 'wasm',
    launch: { npmScript, npmScripts: { start: ['start'], demo: [] }, script: 'cli.js' },
  });
  return { code, output, errors };
}
