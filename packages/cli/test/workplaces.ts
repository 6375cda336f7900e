import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset, RunContext } from '@sifaka/cli';
import { afterEach, beforeEach } from 'vitest';

/** A folder, a terminal and Ctrl-C for one test. */
export interface Workplace {
  /** Removed after the test. */
  folder: string;
  printed: string[];
  progress: string[];
  /** Interrupts the run when progress matches. */
  interruptAt: RegExp | undefined;
  context(data: Dataset): RunContext;
}

/** Renewed for each test of the calling file. */
export function workplaces(): Workplace {
  const place: Workplace = {
    folder: '',
    printed: [],
    progress: [],
    interruptAt: undefined,
    context(data) {
      const controller = new AbortController();
      const write = (text: string) => {
        place.progress.push(text);
        if (place.interruptAt?.test(text)) controller.abort();
      };
      return {
        data,
        engine: { name: 'an engine', version: '1.2.3', device: 'a device' },
        print: (text) => place.printed.push(text),
        terminal: { isTTY: true, columns: 200, write },
        signal: controller.signal,
        shown: (file) => path.relative(place.folder, file),
      };
    },
  };
  beforeEach(async () => {
    place.folder = await mkdtemp(path.join(tmpdir(), 'sifaka-cli-'));
    Object.assign(place, { printed: [], progress: [], interruptAt: undefined });
  });
  afterEach(() => rm(place.folder, { recursive: true }));
  return place;
}
