import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset, RunContext } from '@sifaka/cli';
import { afterEach, beforeEach } from 'vitest';

/** A folder, a terminal and Ctrl-C for one test. */
export interface Sandbox {
  /** Removed after the test. */
  folder: string;
  printed: string[];
  progress: string[];
  /** Interrupts the run when progress matches. */
  interruptAt: RegExp | undefined;
  context(data: Dataset): RunContext;
}

/** A sandbox that is renewed for each test of the calling file. */
export function makeSandbox(): Sandbox {
  const sandbox: Sandbox = {
    folder: '',
    printed: [],
    progress: [],
    interruptAt: undefined,
    context(data) {
      const controller = new AbortController();
      const write = (text: string) => {
        sandbox.progress.push(text);
        if (sandbox.interruptAt?.test(text)) controller.abort();
      };
      return {
        data,
        engine: { name: 'an engine', version: '1.2.3', device: 'a device' },
        print: (text) => sandbox.printed.push(text),
        terminal: { isTTY: true, columns: 200, write },
        signal: controller.signal,
        shown: (file) => path.relative(sandbox.folder, file),
      };
    },
  };
  beforeEach(async () => {
    sandbox.folder = await mkdtemp(path.join(tmpdir(), 'sifaka-cli-'));
    Object.assign(sandbox, { printed: [], progress: [], interruptAt: undefined });
  });
  afterEach(() => rm(sandbox.folder, { recursive: true }));
  return sandbox;
}
