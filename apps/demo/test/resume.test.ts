import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Report } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { type DemoTranscript, tryDemo } from './try-demo.js';

const world = tinyFolders();
const TRAIN = ['train', '--data', 'data', '--steps', '5', '--batch-size', '16'];
const CHECKPOINTS = ['runs', 'train', 'checkpoints'];

/** Everything but times and costs, which differ between any two runs or are of one process. */
async function findings(output = path.join('runs', 'train')): Promise<object> {
  const folder = path.join(world.workingFolder, output);
  const {
    throughput: _,
    wallSeconds: __,
    cost: ___,
    ...report
  } = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')) as Report;
  return { report, logits: await readFile(path.join(folder, 'test-logits.bin'), 'hex') };
}

async function interruptAt(step: number, ...more: string[]): Promise<DemoTranscript> {
  const run = await tryDemo(world.workingFolder, [...TRAIN, ...more], {
    interruptAt: new RegExp(`lemur step ${step}: validation`),
    npmScript: 'demo',
  });
  expect(run.code, run.errors).toBe(130);
  return run;
}

it('saves a checkpoint on Ctrl-C, and prints a command that ends in the figures of an uninterrupted run', async () => {
  const { output } = await interruptAt(2);
  expect(await readdir(path.join(world.workingFolder, 'runs', 'train'))).toEqual(['checkpoints', 'run.json']);
  const command = /^Continue with {3}npm run demo -- (.+)$/m.exec(output)![1]!;
  expect(command).toBe(`${TRAIN.join(' ')} --resume`);
  const resumed = await tryDemo(world.workingFolder, command.split(' '));
  expect(resumed.code, resumed.errors).toBe(0);
  expect(resumed.output).toContain('lemur: resumed at step 2 from runs/train/checkpoints/step-00000002');

  await tryDemo(world.workingFolder, [...TRAIN, '--output', 'whole']);
  expect(await findings()).toEqual(await findings('whole'));
});

it('refuses a damaged checkpoint by name, and suggests a way to continue that works', async () => {
  await interruptAt(2);
  await interruptAt(3, '--resume');
  const [older, newest] = (await readdir(path.join(world.workingFolder, ...CHECKPOINTS))).map((name) =>
    path.join(world.workingFolder, ...CHECKPOINTS, name),
  ) as [string, string];
  await truncate(path.join(newest, 'model.safetensors'), 1000);

  const refused = await tryDemo(world.workingFolder, [...TRAIN, '--resume']);
  expect(refused.code).toBe(1);
  expect(refused.errors).toContain(
    `Checkpoint ${path.join(newest, 'model.safetensors')}: its checksum differs from state.json: the file is damaged\n` +
      `  To continue from the one before it, ${older}, delete ${newest}.\n` +
      '  Without --resume, the run starts from the beginning and replaces these files.\n',
  );
  expect(refused.errors).not.toMatch(/^ +at /m);

  await rm(newest, { recursive: true });
  const resumed = await tryDemo(world.workingFolder, [...TRAIN, '--resume']);
  expect(resumed.output).toContain('lemur: resumed at step 2');
  expect(resumed.code, resumed.errors).toBe(0);
});

it('refuses a run of another batch size or of other options, and one that is past --steps', async () => {
  await interruptAt(2);
  const otherSeed = await tryDemo(world.workingFolder, [...TRAIN, '--resume', '--seed', '2']);
  expect(otherSeed.code).toBe(1);
  expect(otherSeed.errors).toMatch(/--resume: expected the options of this run, .*seed: 1 there, 2 here/);
  const otherBatch = await tryDemo(world.workingFolder, [...TRAIN.slice(0, -1), '17', '--resume']);
  expect(otherBatch.code).toBe(1);
  expect(otherBatch.errors).toMatch(/--batch-size: expected 16, that of the run in .*train, got 17\n/);
  const shorter = await tryDemo(world.workingFolder, [...TRAIN, '--resume', '--steps', '1']);
  expect(shorter.code).toBe(1);
  expect(shorter.errors).toMatch(/--steps: expected at least 2, the step of .*step-00000002, got 1/);
});

it('starts from the beginning if there is nothing to resume', async () => {
  const { code, output, errors } = await tryDemo(world.workingFolder, [...TRAIN, '--preset', 'idOnly', '--resume']);
  expect(code, errors).toBe(0);
  expect(output).not.toContain('resumed');
});

it('ends without a checkpoint when it is interrupted before training', async () => {
  const { code, output, errors } = await tryDemo(world.workingFolder, TRAIN, { interruptAt: /decoding posters/ });
  expect(code, errors).toBe(130);
  expect(output).toContain('Stopped before training began.');
  expect(await readdir(path.join(world.workingFolder, 'runs', 'train'))).toEqual([]);
});
