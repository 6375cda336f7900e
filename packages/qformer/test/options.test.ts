import { LowRankAdapter, ShapeError } from '@sifaka/nn';
import { blip2Form, FusionQFormer, type FusionQFormerOptions, publicForm } from '@sifaka/qformer';
import { normal } from '@sifaka/test-kit';
import { memory, ones, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const OPTIONS: FusionQFormerOptions = { modalities: { image: 6, text: 5 }, dim: 8, heads: 2, seed: 1 };

describe('options', () => {
  // The casts are for callers without a compiler.
  it.each<[Partial<FusionQFormerOptions>, string]>([
    [{ modalities: {} }, 'FusionQFormer: expected at least one modality, got none'],
    [{ modalities: { image: 0 } }, 'FusionQFormer: modalities: expected image to be a whole number from 1, got 0'],
    [
      { modalities: 'image' as unknown as string[] },
      'FusionQFormer: expected modalities to be names, or widths by name, got image',
    ],
    [
      { attention: { kind: 'self' as 'joint' } },
      "FusionQFormer: expected attention.kind to be 'joint' or 'cross', got 'self'",
    ],
    [
      { attention: { kind: 'cross', every: 0 } },
      'FusionQFormer: attention: expected every to be a whole number from 1, got 0',
    ],
    [
      { attention: { kind: 'cross', tokenDim: 1.5 } },
      'FusionQFormer: attention: expected tokenDim to be a whole number from 1, got 1.5',
    ],
    [{ norm: { kind: 'none' as 'pre' } }, "FusionQFormer: expected norm.kind to be 'post' or 'pre', got 'none'"],
    [{ norm: { kind: 'pre', epsilon: 0 } }, 'FusionQFormer: norm: expected epsilon to be a number above 0, got 0'],
    [
      { norm: { kind: 'post', queries: 1 as unknown as boolean } },
      'FusionQFormer: expected norm.queries to be true or false, got 1',
    ],
    [
      { typeEmbeddings: 'no' as unknown as boolean },
      'FusionQFormer: expected typeEmbeddings to be true or false, got no',
    ],
    [
      { feedForward: { hiddenDim: 0 } },
      'FusionQFormer: feedForward: expected hiddenDim to be a whole number from 1, got 0',
    ],
    [
      { feedForward: 4 as unknown as boolean },
      'FusionQFormer: expected feedForward to be true, false or { hiddenDim }, got 4',
    ],
    [{ positionEmbeddings: { audio: 4 } }, 'FusionQFormer: expected positionEmbeddings of image, text, got audio'],
    [
      { positionEmbeddings: { text: 0 } },
      'FusionQFormer: positionEmbeddings: expected text to be a whole number from 1, got 0',
    ],
    [{ scaleEpsilon: -1 }, 'FusionQFormer: expected scaleEpsilon to be a number from 0, got -1'],
  ])('%o are refused before a weight is created', (wrong, message) => {
    const before = memory().numTensors;
    expect(() => new FusionQFormer({ ...OPTIONS, ...wrong })).toThrow(new RangeError(message));
    expect(memory().numTensors).toBe(before);
  });
});

describe('inputs', () => {
  it.each<FusionQFormerOptions>([OPTIONS, { ...OPTIONS, attention: { kind: 'cross', tokenDim: 3 } }])(
    'of another width than the option are refused by name',
    (options) => {
      const model = new FusionQFormer(options);
      tidy(() => {
        const image = { tokens: normal([2, 4, 6], 1) };
        expect(() => model.forward({ image: { tokens: zeros([2, 4, 8]) } })).toThrow(
          new ShapeError('FusionQFormer.forward: image', '[2, S, 6]', [2, 4, 8]),
        );
        expect(() => model.forward({ image, text: { tokens: zeros([3, 1, 5]) } })).toThrow(
          new ShapeError('FusionQFormer.forward: text', '[2, S, 5]', [3, 1, 5]),
        );
        expect(() => model.forward({ image: { ...image, mask: ones([2, 5]) } })).toThrow(
          new ShapeError('FusionQFormer.forward: mask of image', '[2, 4]', [2, 5]),
        );
        expect(() => model.forward({ audio: image })).toThrow(
          new RangeError('FusionQFormer.forward: expected modalities image, text, got audio'),
        );
        expect(() => model.forward({})).toThrow(
          new RangeError('FusionQFormer.forward: expected at least one modality, got none'),
        );
      });
      model.dispose();
    },
  );

  it('without projections have the width that the layers read', () => {
    const attention = { kind: 'cross', tokenDim: 3 } as const;
    const model = new FusionQFormer({ ...OPTIONS, modalities: ['image'], attention });
    tidy(() => {
      expect(model.forward({ image: { tokens: zeros([2, 4, 3]) } }).vector.shape).toEqual([2, 8]);
      expect(() => model.forward({ image: { tokens: zeros([2, 4, 8]) } })).toThrow(
        new ShapeError('FusionQFormer.forward: image', '[2, S, 3]', [2, 4, 8]),
      );
    });
    model.dispose();
  });

  it('have at most as many tokens as position embeddings', () => {
    const model = new FusionQFormer({ ...OPTIONS, positionEmbeddings: { text: 3 } });
    tidy(() => {
      expect(model.forward({ text: { tokens: zeros([1, 3, 5]) } }).vector.shape).toEqual([1, 8]);
      expect(model.forward({ image: { tokens: zeros([1, 9, 6]) } }).vector.shape).toEqual([1, 8]);
      expect(() => model.forward({ text: { tokens: zeros([1, 4, 5]) } })).toThrow(
        new RangeError('FusionQFormer.forward: text: expected at most 3 tokens, got 4'),
      );
    });
    model.dispose();
  });
});

describe('types', () => {
  it('refuse modalities that the model does not have', () => {
    const byName = new FusionQFormer({ modalities: ['image', 'text'], dim: 8, seed: 1 });
    const byWidth = new FusionQFormer({ modalities: { image: 6, text: 5 }, dim: 8, seed: 1 });
    tidy(() => {
      const tokens = zeros([1, 2, 8]);
      // @ts-expect-error: misspelled
      expect(() => byName.forward({ image: { tokens }, texts: { tokens } })).toThrow('got texts');
      // @ts-expect-error: misspelled
      expect(() => byWidth.forward({ imago: { tokens } })).toThrow('got imago');
      const positionEmbeddings = { texts: 4 };
      // @ts-expect-error: misspelled
      expect(() => new FusionQFormer({ modalities: ['image', 'text'], dim: 8, positionEmbeddings, seed: 1 })).toThrow();
    });
    const publicModel = new FusionQFormer(publicForm({ modalities: ['image', 'text'], dim: 8, seed: 1 }));
    const sizes = { dim: 8, heads: 2, depth: 1, tokenDim: 8, hiddenDim: 8 };
    const blip2 = new FusionQFormer(blip2Form({ ...sizes, modalities: ['image'], seed: 1 }));
    tidy(() => {
      const tokens = zeros([1, 2, 8]);
      // @ts-expect-error: misspelled
      expect(() => publicModel.forward({ texts: { tokens } })).toThrow('got texts');
      // @ts-expect-error: not a modality of this model
      expect(() => blip2.forward({ text: { tokens } })).toThrow('got text');
    });
    // A model of known names serves where any names are expected.
    const any: FusionQFormer = byName;
    expect(any.modalities).toEqual(['image', 'text']);
    for (const model of [byName, byWidth, publicModel, blip2]) model.dispose();
  });
});

it('lets a LowRankAdapter find the map of a modality and the projections of attention', () => {
  const model = new FusionQFormer({ ...OPTIONS, attention: { kind: 'cross', tokenDim: 8 } });
  const adapter = new LowRankAdapter(model, { rank: 2, targets: ['projections.image', 'cross.source'], seed: 2 });
  expect(adapter.targets).toEqual(['projections.image', 'layers.0.cross.source']);
  adapter.dispose();
});
