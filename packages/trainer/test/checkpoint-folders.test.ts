import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@sifaka/nn';
import { CheckpointError, listCheckpoints, loadCheckpoint, saveCheckpoint, type TrainingStep } from '@sifaka/trainer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { stateAt, tinyTraining } from './tiny-training.js';

const makeFolder = folderMaker();
let training: TrainingStep;
beforeEach(() => {
  training = tinyTraining();
});
afterEach(() => {
  training.dispose();
  training.model.dispose();
});
const save = (folder: string, step: number) => saveCheckpoint(training, stateAt(step), { folder, fingerprint: 'tiny' });

/** Runs a process that saves over and over, and kills it `afterMs` after its first save. */
async function saveAndKill(folder: string, afterMs: number): Promise<void> {
  const program = fileURLToPath(new URL('save-forever.mjs', import.meta.url));
  const saver = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  saver.stdout.once('data', () => setTimeout(() => saver.kill('SIGKILL'), afterMs));
  const signal = await new Promise((resolve) => saver.on('close', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
}

test('a process killed while it saves leaves a checkpoint that loads, and the next removes its leftovers', async () => {
  const folder = makeFolder();
  const random = seededRandom(11);
  for (let kill = 0; kill < 5; kill++) {
    await saveAndKill(folder, 60 * random());
    const listed = await listCheckpoints(folder);
    expect(listed.length).toBeGreaterThanOrEqual(1);
    for (const each of listed) await loadCheckpoint(training, each, { fingerprint: 'tiny' });
  }
  await save(folder, 8);
  expect(readdirSync(folder).sort()).toEqual(['step-00000007', 'step-00000008']);
}, 300_000);

test('at every moment of replacing a checkpoint there is a whole one', async () => {
  const folder = makeFolder();
  await save(folder, 7);
  let saving = true;
  let missing = 0;
  const isThere = () =>
    readdirSync(folder)
      .filter((name) => /^step-00000007$|\.aside$/.test(name))
      .some((name) => existsSync(path.join(folder, name, 'state.json')));
  const watch = async () => {
    while (saving) {
      if (!isThere() && !isThere()) missing++; // It may be renamed between listing and looking.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const watching = watch();
  for (let again = 0; again < 10; again++) await save(folder, 7);
  saving = false;
  await watching;
  expect(missing).toBe(0);
});

test('a checkpoint that a dead process was replacing is listed, and put back by the next save', async () => {
  const folder = makeFolder();
  const checkpoint = await save(folder, 7);
  const aside = await leftBehind(folder, '.step-00000007', 'aside');
  renameSync(checkpoint, aside);
  expect(await listCheckpoints(folder)).toEqual([aside]);
  await save(folder, 3);
  expect(readdirSync(folder).sort()).toEqual(['step-00000003', 'step-00000007']);
});

/** A temporary name of a process that has ended. */
async function leftBehind(folder: string, name: string, kind: 'partial' | 'aside'): Promise<string> {
  const killed = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => killed.on('close', resolve));
  const seen = new Set<string>();
  const other = makeFolder();
  const saving = save(other, 1); // Its temporary name has the host.
  while (seen.size === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const each of readdirSync(other)) if (each.endsWith('.partial')) seen.add(each);
  }
  await saving;
  const host = /\.([0-9a-f]{8})-\d+-/.exec([...seen][0]!)![1];
  return path.join(folder, `${name}.${host}-${killed.pid}-00000000.${kind}`);
}

test('keeps folders without a state, and temporary ones of live processes and other machines', async () => {
  const folder = makeFolder();
  const live = path
    .basename(await leftBehind(folder, '.step-00000001', 'partial'))
    .replace(/-\d+-/, `-${process.ppid}-`);
  const others = ['step-00000001', '.step-00000001.00000000-1-00000000.partial', live, 'notes'];
  for (const other of others) {
    mkdirSync(path.join(folder, other), { recursive: true });
    writeFileSync(path.join(folder, other, 'thesis.txt'), 'mine');
  }
  for (const step of [2, 3, 4]) await save(folder, step);
  expect(readdirSync(folder).sort()).toEqual([...others, 'step-00000003', 'step-00000004'].sort());
  await expect(save(folder, 1)).rejects.toThrow(
    'step-00000001: expected a checkpoint with state.json or nothing to replace, got a folder without it',
  );
  expect(readdirSync(path.join(folder, 'step-00000001'))).toEqual(['thesis.txt']);
});

test('says which file could not be written and what is kept', async () => {
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'file'), '');
  const error: unknown = await save(path.join(folder, 'file'), 1).catch((thrown: unknown) => thrown);
  if (!CheckpointError.isInstance(error)) throw error;
  expect(error.path).toBe(path.join(folder, 'file', 'step-00000001'));
  expect(error.message).toMatch(/expected to write .*file, but .*; no checkpoint was written before$/);
});
