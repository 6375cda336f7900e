import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PUBLISHED_TOKENS, type PublishedKind, writePublished } from '@sifaka/test-kit';
import type { Report } from '@sifaka/trainer';
import { expect, it } from 'vitest';
import { tinyFolders } from './tiny-movielens.js';
import { tryDemo } from './try-demo.js';

const world = tinyFolders();
const SHORT = ['--data', 'data', '--batch-size', '16', '--document-length', String(PUBLISHED_TOKENS)];

/** Writes a published encoder into a folder beside the data. */
const publish = (kind: PublishedKind) => writePublished(path.join(world.workingFolder, 'models', kind), kind);

const reportOf = async (...folders: string[]): Promise<Report> => {
  const file = path.join(world.workingFolder, 'runs', ...folders, 'report.json');
  return JSON.parse(await readFile(file, 'utf8')) as Report;
};

it('trains published encoders by the names of folders, shows their licences, and continues', async () => {
  const [image, text] = [publish('vit'), publish('bert')];
  const argv = ['train', ...SHORT, '--image-encoder', 'models/vit', '--text-encoder', './models/bert'];
  const how = ['--train-image', 'top:1', '--train-text', 'lora:2'];
  const { code, output, errors } = await tryDemo(world.workingFolder, [...argv, ...how, '--steps', '2']);
  expect(code, errors).toBe(0);
  expect(output).toMatch(/ {9}encoder: .*models\/vit.*: vit, .* weights in .*, licence apache-2\.0/);
  expect(output).toMatch(/ {9}encoder: .*models\/bert.*: bert, .* weights in .*, licence apache-2\.0/);
  const { options, encoders } = await reportOf('train');
  expect(options.content).toMatchObject({
    image: { encoder: image, train: { kind: 'top', blocks: 1 } },
    text: { encoder: text, train: { kind: 'lora', rank: 2 } },
  });
  expect(encoders).toMatchObject({
    image: { name: image, architecture: 'vit', licence: 'apache-2.0' },
    text: { name: text, architecture: 'bert', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  // The lower blocks of the image encoder are frozen.
  expect(await readdir(path.join(world.workingFolder, 'cache', 'frozen-layers'))).toHaveLength(1);
  const resumed = await tryDemo(world.workingFolder, [...argv, ...how, '--steps', '3', '--resume']);
  expect(resumed.code, resumed.errors).toBe(0);
  expect(resumed.output).toContain('lemur: resumed at step 2');
  const other = await tryDemo(world.workingFolder, [...argv, '--steps', '3', '--resume']);
  expect(other.code).toBe(1);
  expect(other.errors).toContain('content.text.train');
});

it('compares presets with them; ids alone have none', async () => {
  publish('siglip-image');
  const argv = ['compare', ...SHORT, '--seed', '1', '--steps', '5', '--preset', 'em3,twoStage,idOnly', '--no-controls'];
  const encoders = ['--image-encoder', 'models/siglip-image', '--train-image', 'frozen'];
  const { code, errors } = await tryDemo(world.workingFolder, [...argv, ...encoders]);
  expect(code, errors).toBe(0);
  const [em3, idOnly] = [await reportOf('compare', 'em3-seed-1'), await reportOf('compare', 'idOnly-seed-1')];
  expect(em3.options.content?.image?.train).toEqual({ kind: 'frozen' });
  expect(Object.keys(em3.encoders!)).toEqual(['image']);
  expect([idOnly.options.content, idOnly.encoders]).toEqual([undefined, undefined]);
});

it.each<[what: string, argv: string[], message: string | RegExp]>([
  [
    'a training that is none',
    ['--train-text', 'half'],
    '--train-text: expected full, frozen, top:N or lora:R, got half',
  ],
  [
    'more blocks than there are',
    ['--text-encoder', 'models/bert', '--train-text', 'top:3', ...SHORT],
    /buildRanker: content\.text\.train\.blocks: expected at most 2, as many as .* has, got 3/,
  ],
  ['a training without its number', ['--train-text', 'top:'], '--train-text: expected a whole number from 1, got '],
  [
    'an encoder that is not there',
    ['--text-encoder', './nowhere'],
    /openPretrained: .*nowhere.*there is no such folder/,
  ],
  [
    'an image encoder for texts',
    ['--text-encoder', 'models/vit'],
    /openEncoders: content\.text: expected an encoder with a model_type of bert, .*, got "vit"/,
  ],
])('explains %s in one message and exits with 1', async (_, argv, message) => {
  publish('vit');
  publish('bert');
  const { code, errors } = await tryDemo(world.workingFolder, ['train', '--data', 'data', ...argv]);
  expect(code).toBe(1);
  expect(errors).toMatch(message);
  expect(errors).not.toMatch(/^ +at /m);
});
