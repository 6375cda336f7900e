import { deriveSeed, dropout, importParameters, layerNorm, ShapeError } from '@sifaka/nn';
import { FusionQFormer, type FusionQFormerOptions, type ModalityTokens } from '@sifaka/qformer';
import {
  checkGradient,
  expectGoldenGradients,
  expectSeededModule,
  goldenTensors,
  normal,
  readGolden,
} from '@sifaka/test-kit';
import {
  abs,
  concat,
  gather,
  grads,
  mul,
  ones,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface FusionGolden {
  readonly options: Omit<FusionQFormerOptions, 'seed'>;
  readonly weights: string;
  readonly image: { readonly tokens: number[][][]; readonly mask: number[][] };
  readonly text: { readonly tokens: number[][][]; readonly mask: number[][] };
  readonly queries: number[][][];
  readonly vector: number[][];
  readonly upstream: number[][];
  readonly tokenGradients: { readonly image: number[][][]; readonly text: number[][][] };
  readonly gradients: string;
}

const OPTIONS: FusionQFormerOptions = {
  modalities: ['image', 'text'],
  dim: 8,
  numQueries: 3,
  depth: 2,
  heads: 2,
  seed: 1,
};

/** Two items with four image tokens and three text tokens each. */
const items = (): { readonly image: ModalityTokens; readonly text: ModalityTokens } => ({
  image: { tokens: normal([2, 4, 8], 1) },
  text: { tokens: normal([2, 3, 8], 2) },
});

describe('FusionQFormer', () => {
  // PyTorch computes all rows of the last layer, so this also tests that computing the queries alone is enough.
  it.each([
    ['EM3', 'em3'],
    ['EM3 with feed-forward parts', 'feed-forward'],
  ])('equals %s in PyTorch, forward and backward', (_, name) => {
    const golden = readGolden<FusionGolden>(import.meta.url, name);
    const model = new FusionQFormer({ ...golden.options, seed: 1 });
    importParameters(model.parameters, goldenTensors(golden.weights));
    tidy(() => {
      const [image, text] = [tensor(golden.image.tokens), tensor(golden.text.tokens)];
      const masks = [tensor2d(golden.image.mask), tensor2d(golden.text.mask)] as const;
      const forward = (...tokens: Tensor[]) =>
        model.forward({
          image: { tokens: tokens[0]!, mask: masks[0] },
          text: { tokens: tokens[1]!, mask: masks[1] },
        });
      const loss = (...tokens: Tensor[]): Scalar => sum(mul(forward(...tokens).vector, tensor2d(golden.upstream)));
      expect(forward(image, text).queries).toBeAllClose(golden.queries, { atol: 1e-5, rtol: 1e-5 });
      expect(forward(image, text).vector).toBeAllClose(golden.vector, { atol: 1e-5, rtol: 1e-5 });
      const [ofImage, ofText] = grads(loss)([image, text]);
      expect(ofImage!).toBeAllClose(golden.tokenGradients.image, { atol: 2e-5, rtol: 1e-3 });
      expect(ofText!).toBeAllClose(golden.tokenGradients.text, { atol: 2e-5, rtol: 1e-3 });
      expectGoldenGradients(() => loss(image, text), model.parameters, golden.gradients);
    });
    model.dispose();
  });

  it('has the declared shapes and one type embedding per modality', () => {
    const model = new FusionQFormer({ ...OPTIONS, outputDim: 5 });
    tidy(() => {
      const { queries, vector } = model.forward(items());
      expect(queries.shape).toEqual([2, 3, 8]);
      expect(vector.shape).toEqual([2, 5]);
      expect(model.parameters.get('types')!.shape).toEqual([2, 8]);
    });
    model.dispose();
  });

  it('ignores the order of tokens within a modality', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      const mask = tensor2d([
        [1, 1, 0, 1],
        [1, 1, 1, 1],
      ]);
      const order = tensor1d([2, 0, 3, 1], 'int32');
      const shuffled = { tokens: gather(image.tokens, order, 1), mask: gather(mask, order, 1) };
      const { vector } = model.forward({ image: { ...image, mask }, text });
      expect(model.forward({ image: shuffled, text }).vector).toBeAllClose(vector);
    });
    model.dispose();
  });

  it('distinguishes modalities only by their type embeddings', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      const swapped = { image: text, text: image };
      expect(model.forward(swapped).vector).not.toBeAllClose(model.forward({ image, text }).vector, { atol: 1e-3 });
      model.parameters.get('types')!.assign(zeros([2, 8]));
      expect(model.forward(swapped).vector).toBeAllClose(model.forward({ image, text }).vector);
    });
    model.dispose();
  });

  it('ignores masked tokens', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      const padded = {
        tokens: concat([text.tokens, mul(normal([2, 2, 8], 3), 50)], 1),
        mask: concat([ones([2, 3]), zeros([2, 2])], 1),
      };
      expect(model.forward({ image, text: padded }).vector).toBeAllClose(model.forward({ image, text }).vector);
    });
    model.dispose();
  });

  it('treats an omitted modality like a mask of zeros', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      const { vector } = model.forward({ text });
      expect(model.forward({ image: { ...image, mask: zeros([2, 4]) }, text }).vector).toBeAllClose(vector);
    });
    model.dispose();
  });

  it('fuses each item independently, even one without any modality', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      const present = {
        image: [
          [1, 1, 1, 1],
          [0, 0, 0, 0],
        ],
        text: [
          [1, 1, 0],
          [0, 0, 0],
        ],
      };
      const masked = {
        image: { ...image, mask: tensor2d(present.image) },
        text: { ...text, mask: tensor2d(present.text) },
      };
      const { vector } = model.forward(masked);
      expect([...vector.dataSync()].every(Number.isFinite)).toBe(true);
      const first = (x: Tensor) => slice(x, 0, 1);
      const alone = model.forward({
        image: { tokens: first(image.tokens) },
        text: { tokens: first(slice(text.tokens, [0, 0, 0], [2, 2, 8])) },
      });
      expect(first(vector)).toBeAllClose(alone.vector);
    });
    model.dispose();
  });

  it('does not depend on the order of modalities in the call', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      expect(model.forward({ text, image }).vector).toBeAllClose(model.forward({ image, text }).vector, { atol: 0 });
    });
    model.dispose();
  });

  it('matches finite differences', () => {
    const model = new FusionQFormer({ modalities: ['text'], dim: 2, numQueries: 1, heads: 1, seed: 2 });
    tidy(() => {
      const weights = tensor2d([[1, -2]]);
      checkGradient(
        (tokens) => sum(mul(model.forward({ text: { tokens: tokens! } }).vector, weights)),
        [normal([1, 3, 2], 1)],
      );
    });
    model.dispose();
  });

  it.each([false, true])('has a gradient for every parameter (feedForward %s)', (feedForward) => {
    const model = new FusionQFormer({ ...OPTIONS, feedForward });
    tidy(() => {
      const weights = normal([2, 8], 3);
      const { grads } = variableGrads(
        () => sum(mul(model.forward(items()).vector, weights)) as Scalar,
        [...model.parameters.values()],
      );
      for (const [path, { name }] of model.parameters) {
        const largest = Math.max(...abs(grads[name]!).dataSync());
        expect(largest, path).toBeGreaterThan(1e-6);
      }
    });
    model.dispose();
  });

  it('has 2 queries, 1 layer of 4 heads, and no feed-forward part or dropout by default', () => {
    const options = { modalities: ['image', 'text'], dim: 8, seed: 1 };
    const spelledOut = { ...options, numQueries: 2, depth: 1, heads: 4, outputDim: 8, feedForward: false, dropout: 0 };
    const [byDefault, same] = [new FusionQFormer(options), new FusionQFormer(spelledOut)];
    tidy(() => {
      const vector = (model: FusionQFormer) => model.forward(items(), { dropoutSeed: 3 }).vector;
      expect(vector(byDefault)).toBeAllClose(vector(same), { atol: 0, rtol: 0 });
    });
    expect([...byDefault.parameters.keys()]).toEqual([...same.parameters.keys()]);
    byDefault.dispose();
    same.dispose();
  });

  it('has feed-forward parts only with feedForward: true', () => {
    const [plain, fed] = [false, true].map((feedForward) => new FusionQFormer({ ...OPTIONS, feedForward }));
    const added = [...fed!.parameters.keys()].filter((path) => !plain!.parameters.has(path));
    expect(added.length).toBeGreaterThan(0);
    expect(added.every((path) => /^layers\.\d\.feedForward/.test(path))).toBe(true);
    plain!.dispose();
    fed!.dispose();
  });

  it('drops by seed in training and nothing in evaluation', () => {
    const model = new FusionQFormer({ ...OPTIONS, dropout: 0.5 });
    const same = new FusionQFormer(OPTIONS);
    tidy(() => {
      const forward = (dropoutSeed?: number) =>
        model.forward(items(), dropoutSeed === undefined ? {} : { dropoutSeed }).vector;
      expect(forward(7)).toBeAllClose(forward(7), { atol: 0, rtol: 0 });
      expect(forward(7)).not.toBeAllClose(forward(8), { atol: 1e-2 });
      expect(forward(7)).not.toBeAllClose(forward(), { atol: 1e-2 });
      expect(forward()).toBeAllClose(same.forward(items()).vector);
      expect(same.forward(items(), { dropoutSeed: 7 }).vector).toBeAllClose(forward());
    });
    model.dispose();
    same.dispose();
  });

  it('drops other values in each layer', () => {
    const model = new FusionQFormer({ ...OPTIONS, dropout: 0.5 });
    tidy(() => {
      // Attention gives ones. The first layer gives zeros, so the second normalises nothing but its own dropout.
      for (const [path, weights] of model.parameters) {
        if (/attention\.output\.weight|layers\.0\.norm\./.test(path)) weights.assign(zeros(weights.shape));
        if (/attention\.output\.bias/.test(path)) weights.assign(ones(weights.shape));
      }
      const { queries } = model.forward(items(), { dropoutSeed: 7 });
      const own = dropout(ones([2, 3, 8]), 0.5, deriveSeed(7, 1));
      expect(queries).toBeAllClose(layerNorm(own, ones([8]), zeros([8])), { atol: 1e-5 });
    });
    model.dispose();
  });

  it('draws its weights from the seed and disposes them', () => {
    expectSeededModule(
      (seed) => new FusionQFormer({ ...OPTIONS, seed }),
      (model) => model.forward(items()).vector,
    );
  });

  it('names an unknown or misshapen modality', () => {
    const model = new FusionQFormer(OPTIONS);
    tidy(() => {
      const { image, text } = items();
      const wrong = (tokens: Tensor, mask?: Tensor) => () =>
        model.forward({ image, text: { tokens, ...(mask === undefined ? {} : { mask }) } });
      expect(() => model.forward({ audio: image })).toThrow('expected modalities image, text, got audio');
      expect(() => model.forward({})).toThrow('expected at least one modality, got none');
      expect(wrong(zeros([2, 3, 7]))).toThrow(ShapeError);
      expect(wrong(zeros([2, 3, 7]))).toThrow('FusionQFormer.forward: text: expected [2, S, 8], got [2, 3, 7]');
      expect(wrong(zeros([3, 3, 8]))).toThrow('text: expected [2, S, 8], got [3, 3, 8]');
      expect(wrong(zeros([2, 8]))).toThrow('text: expected [2, S, 8], got [2, 8]');
      expect(wrong(text.tokens, ones([2, 4]))).toThrow('mask of text: expected [2, 3], got [2, 4]');
    });
    model.dispose();
    expect(() => model.forward({})).toThrow(RangeError);
  });

  it.each<[Partial<FusionQFormerOptions>, string]>([
    [{ modalities: [] }, 'at least one modality, got none'],
    [{ modalities: ['text', 'image', 'text'] }, 'every modality once, got text twice'],
    [{ dim: 0 }, 'dim to be a whole number from 1, got 0'],
    [{ numQueries: 0 }, 'numQueries to be a whole number from 1, got 0'],
    [{ depth: 0 }, 'depth to be a whole number from 1, got 0'],
    [{ depth: Number.NaN }, 'depth to be a whole number from 1, got NaN'],
    [{ heads: 0 }, 'heads to be a whole number from 1, got 0'],
    [{ heads: 3 }, 'heads to divide dim 8, got 3'],
    [{ outputDim: -1 }, 'outputDim to be a whole number from 1, got -1'],
    [{ dropout: 1 }, 'dropout to be a number from 0 and below 1, got 1'],
    [{ dropout: 2 }, 'dropout to be a number from 0 and below 1, got 2'],
    [{ dropout: Number.NaN }, 'dropout to be a number from 0 and below 1, got NaN'],
    [{ seed: Number.NaN }, 'seed to be a whole number, got NaN'],
  ])('refuses %o before it creates a weight', (wrong, message) => {
    expect(() => new FusionQFormer({ ...OPTIONS, ...wrong })).toThrow(
      new RangeError(`FusionQFormer: expected ${message}`),
    );
  });

  it('takes a modality named like a method of objects for absent where it is', () => {
    const model = new FusionQFormer<string>({ ...OPTIONS, modalities: ['text', 'toString'] });
    tidy(() => {
      expect(model.forward({ text: items().text }).vector.shape).toEqual([2, 8]);
    });
    model.dispose();
  });
});
