import { em3, exportWeights, idOnly, lemur, twoStage } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { batchOf, modelMaker, tinyEm3, tinyTwoStage, trainingOf } from './small-world.js';
import { changedWeights } from './whole-state.js';

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

  test('em3 is lemur with EM3’s parts in place of LEMUR’s', () => {
    const { preset, content, sequences, sqdc, cic, ...rest } = em3();
    const { preset: _, content: base, sequences: read, sqdc: _sqdc, cic: _cic, ...same } = lemur();
    expect(rest).toEqual(same);
    expect(preset).toBe('em3');
    expect(content).toEqual({
      ...base,
      fusion: { kind: 'queryFormer', form: 'public' },
      query: 'none',
      history: { kind: 'lowRank', rank: 8 },
    });
    const contents = { vectors: { kind: 'din', pooling: { kind: 'softmax' } }, similarity: false };
    expect(sequences.liked).toEqual({ ...read.liked, ...contents });
    expect(sequences.disliked).toEqual({ ...read.disliked, ...contents });
    expect([sequences.long.length, sqdc.weight]).toEqual([0, 0]);
    expect(cic.weight).toBeGreaterThan(0);
  });

  test('em3 has no query tower, and all of its parts learn', () => {
    const model = makeModel(tinyEm3({ optimizer: { learningRate: 3e-3 } }));
    const batch = batchOf([
      { user: 1, item: 1, history: [10, 2], recent: [[3, 0]] },
      { user: 2, item: 2, label: 0, history: [1] },
      { user: 3, item: 3, history: [2, 1] },
    ]);
    model.freezeEncoders(Int32Array.of(10), 0);
    const before = exportWeights(model);
    const first = trainingOf(model).run(batch, { step: 0 });
    expect(first.contrast).toBeNaN();
    expect(first.loss).toBeCloseTo(first.ranking + 0.01 * first.contentId, 5);
    let last = first;
    for (let step = 1; step < 25; step++) last = trainingOf(model).run(batch, { step });
    expect(last.ranking).toBeLessThan(0.8 * first.ranking);
    const changed = changedWeights(before, exportWeights(model));
    const parts = new Set(changed.map((path) => path.split('.').slice(0, 2).join('.')));
    for (const part of ['content.image', 'content.text', 'content.fusion', 'history.update', 'contentId.content']) {
      expect(parts).toContain(part);
    }
    expect([...parts].some((part) => part.startsWith('contentHistory'))).toBe(true);
    expect([...model.parameters.keys()].some((path) => path.startsWith('query.'))).toBe(false);
    expect(() => trainingOf(model).runContrast(batch, { step: 25 })).toThrow(
      "TrainingStep.runContrast: expected a model with queries, got content.query 'none'",
    );
  });

  test('em3 without its Fusion-Q-Former concatenates, and trains', () => {
    const model = makeModel(tinyEm3({ content: { fusion: { kind: 'concatenation' } } }));
    expect([...model.parameters.keys()].filter((path) => path.startsWith('content.fusion'))).toEqual([
      'content.fusion.output.weight',
      'content.fusion.output.bias',
    ]);
    const batch = batchOf([
      { item: 1, history: [2] },
      { item: 2, label: 0 },
    ]);
    const before = exportWeights(model);
    trainingOf(model).run(batch, { step: 0 });
    const changed = changedWeights(before, exportWeights(model));
    expect(changed).toEqual(expect.arrayContaining(['content.fusion.output.weight', 'content.text.embedding']));
    expect(model.predict(batch, model.bank).every(Number.isFinite)).toBe(true);
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
