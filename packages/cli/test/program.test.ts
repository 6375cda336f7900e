import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EngineReport } from '@sifaka/backend';
import {
  describeEngine,
  fixableMessage,
  makeOutputFolder,
  ProgressLine,
  printable,
  runProgram,
  shownFrom,
  UsageError,
} from '@sifaka/cli';
import { expect, it, vi } from 'vitest';

async function outcome(program: () => Promise<number>): Promise<[code: number, text: string]> {
  let text = '';
  const code = await runProgram(program, { write: (part) => (text += part) });
  return [code, text];
}

it('runProgram returns the exit code', async () => {
  expect(await outcome(async () => 130)).toEqual([130, '']);
});

it('runProgram explains an error that the user can fix in one message, and shows where a bug is', async () => {
  const fixable = outcome(() => Promise.reject(new UsageError('--steps: expected more')));
  expect(await fixable).toEqual([1, '\n--steps: expected more\n']);
  const [code, text] = await outcome(() => Promise.reject(new TypeError('x is not a function')));
  expect(code).toBe(1);
  expect(text).toMatch(/^\nTypeError: x is not a function\n +at /);
});

it('shows control characters of data instead of obeying them', async () => {
  expect(printable('a\u001b[2J\u0007b\r\n\u202ec\u2028\u009bé😀')).toBe(
    'a\\u001b[2J\\u0007b\\u000d\n\\u202ec\\u2028\\u009bé😀',
  );
  const [, text] = await outcome(() => Promise.reject(new UsageError('movie "\u001b[2J"')));
  expect(text).toBe('\nmovie "\\u001b[2J"\n');
  vi.useFakeTimers({ toFake: ['performance'], now: 0 });
  vi.advanceTimersByTime(20_000); // Outside a terminal, progress is a line every 15 seconds.
  for (const isTTY of [true, false]) {
    let shown = '';
    const progress = new ProgressLine({ isTTY, write: (part) => (shown += part) });
    progress.update('at \u0007');
    progress.done('ended \u0007');
    expect(shown).toContain('at \\u0007');
    expect(shown).toContain('ended \\u0007');
  }
  vi.useRealTimers();
});

it('fixableMessage returns the message of an error that the user can fix', () => {
  expect(fixableMessage(new UsageError('--steps: expected more'))).toBe('--steps: expected more');
  const refused = Object.assign(new Error('EACCES: permission denied'), { syscall: 'open' });
  expect(fixableMessage(new Error('the cache', { cause: refused }))).toBe('the cache');
});

it('fixableMessage returns nothing for a bug', () => {
  expect(fixableMessage(new TypeError('x is not a function'))).toBeUndefined();
  expect(fixableMessage('a string')).toBeUndefined();
});

it('makeOutputFolder makes folders, and refuses a file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sifaka-output-'));
  await makeOutputFolder(path.join(folder, 'a', 'b'));
  await makeOutputFolder(path.join(folder, 'a', 'b'));
  await writeFile(path.join(folder, 'file'), '');
  await expect(makeOutputFolder(path.join(folder, 'file'))).rejects.toThrow(
    /^--output: expected a folder to write to, got EEXIST/,
  );
  await rm(folder, { recursive: true });
});

it('shownFrom shortens paths inside the working folder only', () => {
  const shown = shownFrom(path.resolve('here'));
  expect(shown(path.resolve('here', 'runs', 'a'))).toBe(path.join('runs', 'a'));
  expect(shown(path.resolve('elsewhere'))).toBe(path.resolve('elsewhere'));
});

it('describeEngine names the engine and those that were passed over', () => {
  const lines: string[] = [];
  const engine: EngineReport = {
    name: 'wasm',
    packageName: '@tensorflow/tfjs-backend-wasm',
    version: '4.22.0',
    device: 'CPU',
    threads: 2,
    passedOver: [{ name: 'webgpu', reason: 'no GPU', command: 'install one' }],
  };
  describeEngine(engine, (line) => lines.push(line));
  describeEngine({ ...engine, nativeVersion: 'libtensorflow 2', threads: 1, passedOver: [] }, (line) =>
    lines.push(line),
  );
  expect(lines).toEqual([
    'Engine   wasm 4.22.0, CPU, 2 threads',
    '         webgpu: no GPU (install one)',
    'Engine   wasm 4.22.0 on libtensorflow 2, CPU',
  ]);
});
