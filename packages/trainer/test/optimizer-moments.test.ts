import { exportMoments, importMoments } from '@sifaka/trainer';
import { expect, test } from 'vitest';
import { batchOf, modelMaker, tinyIdOnly, trainingOf } from './small-world.js';
import { wholeState } from './whole-state.js';

const makeModel = modelMaker();

test('moments come back bit for bit, and those of another table are refused before anything is copied', () => {
  const training = trainingOf(makeModel(tinyIdOnly()));
  training.run(batchOf([{ item: 1 }, { item: 2, label: 0 }]), { step: 0 });
  const moments = exportMoments(training);
  const other = trainingOf(makeModel(tinyIdOnly()));
  const before = wholeState(other);
  const items = { ...moments.items, firstMoments: new Float32Array(4) };
  expect(() => importMoments(other, { ...moments, items })).toThrow(
    /^importMoments: items\.firstMoments: expected \d+ values, got 4$/,
  );
  const ranker = { ...moments.ranker, updates: new Int32Array(3) };
  expect(() => importMoments(other, { ...moments, ranker })).toThrow(
    /^AdamW\.restore: expected updates of \d+ parameters, got 3$/,
  );
  expect(wholeState(other)).toEqual(before);
  importMoments(other, moments);
  expect(exportMoments(other)).toEqual(moments);
});
