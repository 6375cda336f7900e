// Training can be stopped, and leaves neither a process nor a file behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TextTokenizer } from '@sifaka/encoders/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
// The program runs alone here, because Node does not run the package's sources in another process.
import { TRAIN_PROGRAM } from '../src/texts/train-program.js';

let own: string;
let before: string | undefined;
beforeAll(() => {
  own = mkdtempSync(path.join(tmpdir(), 'sifaka-stop-'));
  before = process.env['TMPDIR'];
  process.env['TMPDIR'] = own;
});
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(own, { recursive: true });
});

// A word of this length takes minutes.
const ENDLESS = 'q'.repeat(600_000);

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await sleep(100);
  expect(condition()).toBe(true);
}

test('an aborted signal ends the training process and removes its folder', async () => {
  const controller = new AbortController();
  const began = performance.now();
  const training = TextTokenizer.train([ENDLESS], { maxWordLength: 1e9, signal: controller.signal });
  const outcome = training.catch((error: unknown) => error);
  await until(() => readdirSync(own).length === 1);
  await sleep(1500); // The library is at work.
  controller.abort(new Error('enough'));
  expect(await outcome).toMatchObject({ message: 'enough' });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(readdirSync(own)).toEqual([]);
});

test('a signal that was aborted before starts nothing', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(TextTokenizer.train([ENDLESS], { signal })).rejects.toThrow('enough');
  expect(readdirSync(own)).toEqual([]);
});

test.each([1500, 0])('the process ends and removes its folder if its parent is killed after %i ms', async (delay) => {
  const folder = path.join(own, 'work');
  mkdirSync(folder);
  const file = (name: string) => path.join(folder, name);
  const { model, ...pipeline } = JSON.parse((await TextTokenizer.train(['a'], { vocabularySize: 260 })).toJSON());
  writeFileSync(file('pipeline.json'), JSON.stringify({ ...pipeline, model }));
  writeFileSync(file('texts.txt'), ENDLESS);
  const library = createRequire(import.meta.url).resolve('tokenizers');
  const train = [library, file('pipeline.json'), file('texts.txt'), file('tokenizer.json'), folder];
  const parent = spawn(
    process.execPath,
    [
      '--eval',
      `const child = require('node:child_process').spawn(process.execPath, ['--eval', ...process.argv.slice(1), process.pid]);
      console.log(child.pid);`,
      TRAIN_PROGRAM,
      ...train,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = Number(printed.toString());
  const isAlive = (): boolean => {
    try {
      process.kill(child, 0);
      return true;
    } catch {
      return false;
    }
  };
  await sleep(delay);
  expect(isAlive()).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !existsSync(folder));
  // A killed process may remain in the list of processes until it is reaped; its folder is the proof.
});
