import { idOnly, lemur, twoStage } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyTwoStage, trainingOf } from './small-world.js';

const makeModel = modelMaker();

describe('presets', () => {
  test('lemur trains its encoders by both losses from the first step', () => {
    const options = lemur();
    expect(options).toMatchObject({ preset: 'lemur', trainEncoders: true, pretrainSteps: 0 });
    expect(options.content).toBeDefined();
    expect(options.sqdc).toMatchObject({ negatives: 'all', maskSession: true });
    expect(options.sqdc.weight).toBeGreaterThan(0);
  });

  test('twoStage is lemur except for when the encoders learn', () => {
    const { preset, trainEncoders, pretrainSteps, ...rest } = twoStage();
    const { preset: _, trainEncoders: joint, pretrainSteps: none, ...same } = lemur();
    expect(rest).toEqual(same);
    expect([preset, trainEncoders, joint, none]).toEqual(['twoStage', false, true, 0]);
    expect(pretrainSteps).toBeGreaterThan(0);
  });

  test('idOnly is lemur without content', () => {
    const { preset, trainEncoders, ...rest } = idOnly();
    const { preset: _, trainEncoders: joint, content, ...same } = lemur();
    expect(rest).toEqual(same);
    expect([preset, trainEncoders, joint, content === undefined]).toEqual(['idOnly', false, true, false]);
  });

  test('overrides change the named keys, and not the preset itself', () => {
    const changed = lemur({ seed: 9, sampling: { forward: 1 }, content: { heads: 2 }, optimizer: { clipNorm: 5 } });
    const plain = lemur();
    expect(changed).toEqual({
      ...plain,
      seed: 9,
      sampling: { ...plain.sampling, forward: 1 },
      content: { ...plain.content, heads: 2 },
      optimizer: { ...plain.optimizer, clipNorm: 5 },
    });
    expect(lemur()).toEqual(plain);
  });

  test('two-stage training does not train encoders in the joint phase', () => {
    const model = makeModel(tinyTwoStage());
    const batch = batchOf([
      { item: 1, history: [2] },
      { item: 3, user: 2, label: 0 },
    ]);
    expect(trainingOf(model).runContrast(batch, { step: 0 }).learned).toBe(2);
    const before = trainingOf(model).encoderOptimizer.state();
    model.freezeEncoders(Int32Array.of(1, 2, 3), 1);
    const { contrast, learned, refreshed, historyFound } = trainingOf(model).run(batch, { step: 1 });
    expect({ contrast, learned, refreshed, historyFound }).toEqual({
      contrast: Number.NaN,
      learned: 0,
      refreshed: 0,
      historyFound: 1,
    });
    expect(trainingOf(model).encoderOptimizer.state()).toEqual(before);
  });
});
