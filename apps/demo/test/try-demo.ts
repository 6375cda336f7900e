import path from 'node:path';
import { runDemo } from '@sifaka/demo';

export interface TryDemoOptions {
  /** Interrupts like Ctrl-C when progress matches. */
  readonly interruptAt?: RegExp;
  readonly npmScript?: string;
}

export interface DemoTranscript {
  readonly code: number;
  /** Standard output. */
  readonly output: string;
  /** Progress and errors. */
  readonly errors: string;
}

/** Runs the whole program as the command line does, in the given folder. */
export async function tryDemo(
  workingFolder: string,
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
    workingFolder,
    cacheFolder: path.join(workingFolder, 'cache'),
    runsFolder: path.join(workingFolder, 'runs'),
    engine: process.env['SIFAKA_TEST_ENGINE'] ?? 'wasm',
    launch: { npmScript, npmScripts: { start: ['start'], demo: [] }, script: 'cli.js' },
  });
  return { code, output, errors };
}
