import path from 'node:path';
import { processFolders } from '@sifaka/demo';
import { expect, it } from 'vitest';

const ROOT = path.resolve('repository');
const HERE = path.resolve('here');

it('keeps cache and runs in the repository by default', () => {
  const expected = {
    workingFolder: HERE,
    cacheFolder: path.join(ROOT, '.cache'),
    runsFolder: path.join(ROOT, 'runs'),
    engine: 'auto',
  };
  expect(processFolders({}, ROOT, HERE)).toEqual(expected);
  // An empty variable counts as not set: it must not make the working folder the cache.
  expect(processFolders({ SIFAKA_CACHE: '', SIFAKA_ENGINE: '', INIT_CWD: '' }, ROOT, HERE)).toEqual(expected);
});

it('reads the variables, relative to the folder that npm was called from', () => {
  const called = path.resolve('called');
  expect(processFolders({ SIFAKA_CACHE: 'mine', SIFAKA_ENGINE: 'wasm', INIT_CWD: called }, ROOT, HERE)).toEqual({
    workingFolder: called,
    cacheFolder: path.join(called, 'mine'),
    runsFolder: path.join(ROOT, 'runs'),
    engine: 'wasm',
  });
});
