import { AdamW } from '@sifaka/nn';
import { blip2Form, FusionQFormer, type FusionQFormerOptions, publicForm } from '@sifaka/qformer';
import { checkGradient, expectSeededModule, normal } from '@sifaka/test-kit';
import {
  abs,
  cast,
  concat,
  fill,
  gather,
  mean,
  mul,
  ones,
  reshape,
  type Scalar,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor2d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

type Names = 'image' | 'text';

const WIDTHS = { image: 6, text: 5 };
const SIZES = { modalities: WIDTHS, dim: 8, heads: 2, depth: 3, numQueries: 2, seed: 1 };

/** Every form, of the same two modalities and without position embeddings. */
const FORMS: readonly (readonly [string, FusionQFormerOptions<Names>])[] = [
  ['the defaults', SIZES],
  ['the public form', publicForm(SIZES)],
  ["BLIP-2's form", blip2Form({ ...SIZES, tokenDim: 6, hiddenDim: 12 })],
  ['pre-norm with joint attention', { ...SIZES, norm: { kind: 'pre' }, feedForward: true }],
  ['cross-attention, pre-norm', { ...SIZES, attention: { kind: 'cross', every: 1 }, norm: { kind: 'pre' } }],
  ['cross-attention to narrow tokens', { ...SIZES, attention: { kind: 'cross', tokenDim: 3 }, dropout: 0.5 }],
];

/** Two items with four image tokens and three text tokens each. */
const items = () => ({ image: { tokens: normal([2, 4, 6], 1) }, text: { tokens: normal([2, 3, 5], 2) } });

describe.each(FORMS)('FusionQFormer in %s', (_, options) => {
  const withModel = (run: (model: FusionQFormer<Names>) => void, changed: FusionQFormerOptions<Names> = options) => {
    const model = new FusionQFormer(changed);
    tidy(() => run(model));
    model.dispose();
  };

  it('has the declared shapes', () => {
    withModel(
      (model) => {
        const { queries, vector } = model.forward(items());
        expect(queries.shape).toEqual([2, 2, 8]);
        expect(vector.shape).toEqual([2, 5]);
      },
      { ...options, outputDim: 5 },
    );
  });

  it('ignores the order of tokens within a modality, unless it has position embeddings', () => {
    const run = (model: FusionQFormer<Names>) => {
      const { image, text } = items();
      const shuffled = { tokens: gather(image.tokens, [2, 0, 3, 1], 1) };
      return [model.forward({ image: shuffled, text }).vector, model.forward({ image, text }).vector] as const;
    };
    withModel((model) => {
      const [shuffled, ordered] = run(model);
      expect(shuffled).toBeAllClose(ordered, { atol: 1e-5 });
    });
    withModel(
      (model) => {
        model.parameters.get('positions.image')!.assign(normal(model.parameters.get('positions.image')!.shape, 5));
        const [shuffled, ordered] = run(model);
        expect(shuffled).not.toBeAllClose(ordered, { atol: 1e-3 });
      },
      { ...options, positionEmbeddings: { image: 4 } },
    );
  });

  it('ignores masked tokens and their values', () => {
    withModel((model) => {
      const { image, text } = items();
      const padded = {
        tokens: concat([text.tokens, mul(normal([2, 2, 5], 3), 50)], 1),
        mask: concat([ones([2, 3]), zeros([2, 2])], 1),
      };
      const { vector } = model.forward({ image, text });
      for (const dtype of ['float32', 'int32', 'bool'] as const) {
        const mask = cast(padded.mask, dtype);
        expect(model.forward({ image, text: { ...padded, mask } }).vector).toBeAllClose(vector, { atol: 1e-5 });
      }
    });
  });

  it('takes an omitted modality, one without tokens and one of masked tokens for the same', () => {
    withModel((model) => {
      const { image, text } = items();
      const { vector } = model.forward({ text });
      const same = (absent: Tensor, mask?: Tensor) =>
        expect(model.forward({ image: { tokens: absent, ...(mask && { mask }) }, text }).vector).toBeAllClose(vector, {
          atol: 1e-5,
        });
      same(zeros([2, 0, 6]));
      same(image.tokens, zeros([2, 4]));
    });
  });

  it('gives items without any modality what the queries alone give, whatever their masked tokens', () => {
    withModel((model) => {
      const { vector } = model.forward({ image: { tokens: zeros([2, 0, 6]) } });
      const { image, text } = items();
      const present = tensor2d([1, 1, 1, 1, 0, 0, 0, 0], [2, 4]); // the second item lacks both modalities
      const masked = model.forward({
        image: { ...image, mask: present },
        text: { ...text, mask: zeros([2, 3]) },
      }).vector;
      const [first, second] = [slice(masked, 0, 1), slice(masked, 1, 1)];
      expect(second).toBeAllClose(slice(vector, 1, 1), { atol: 1e-5 });
      expect(first).not.toBeAllClose(second, { atol: 1e-3 });
      expect(slice(vector, 0, 1)).toBeAllClose(slice(vector, 1, 1), { atol: 0 });
    });
  });

  it('fuses each item on its own', () => {
    withModel((model) => {
      const { image, text } = items();
      const second = (x: Tensor) => slice(x, 1, 1);
      const alone = model.forward({ image: { tokens: second(image.tokens) }, text: { tokens: second(text.tokens) } });
      expect(second(model.forward({ image, text }).vector)).toBeAllClose(alone.vector, { atol: 1e-5 });
    });
  });

  it('has a gradient for every parameter', () => {
    withModel((model) => {
      const weights = normal([2, 8], 3);
      const loss = () => sum(mul(model.forward(items()).vector, weights)) as Scalar;
      const { grads } = variableGrads(loss, [...model.parameters.values()]);
      for (const [path, { name }] of model.parameters) {
        expect(Math.max(...abs(grads[name]!).dataSync()), path).toBeGreaterThan(1e-7);
      }
    });
  });

  it('draws its weights from the seed and disposes them', () => {
    expectSeededModule(
      (seed) => new FusionQFormer({ ...options, seed }),
      (model) => model.forward(items()).vector,
    );
  });

  it('matches finite differences in the tokens', () => {
    withModel(
      (model) => {
        const weights = normal([2, 8], 3);
        const mask = tensor2d([1, 1, 0, 1], [2, 2]);
        checkGradient(
          (image, text) =>
            sum(mul(model.forward({ image: { tokens: image!, mask }, text: { tokens: text! } }).vector, weights)),
          [normal([2, 2, 6], 1), normal([2, 1, 5], 2)],
        );
      },
      { ...options, depth: 1 },
    );
  });
});

describe('publicForm', () => {
  it('has the maps of the modalities, the queries and attention, and nothing else', () => {
    const model = new FusionQFormer(publicForm({ modalities: { image: 4096, text: 384 }, dim: 64, seed: 1 }));
    const shapes = Object.fromEntries([...model.parameters].map(([path, { shape }]) => [path, shape]));
    expect(shapes).toEqual({
      queries: [2, 64],
      'projections.image.weight': [4096, 64],
      'projections.image.bias': [64],
      'projections.text.weight': [384, 64],
      'projections.text.bias': [64],
      'layers.0.attention.input.weight': [64, 192],
      'layers.0.attention.input.bias': [192],
      'layers.0.attention.output.weight': [64, 64],
      'layers.0.attention.output.bias': [64],
      'layers.0.norm.scale': [64],
      'layers.0.norm.shift': [64],
      'output.weight': [128, 64],
      'output.bias': [64],
    });
    model.dispose();
  });

  it('has 10⁻⁵ beside the head width under the root of the scale', () => {
    expect(publicForm(SIZES).scaleEpsilon).toBe(1e-5);
  });
});

it.each<[string, FusionQFormerOptions<Names>]>([
  ['joint', { ...SIZES, depth: 1 }],
  ['cross', { ...SIZES, depth: 1, attention: { kind: 'cross' } }],
])('adds scaleEpsilon to the head width under the root in %s attention', (_, options) => {
  // Heads of width 4: a scale of 1/√(4 + 12) is half of 1/√4, as if the queries were half as large.
  const plain = new FusionQFormer(options);
  const added = new FusionQFormer({ ...options, scaleEpsilon: 12 });
  tidy(() => {
    const expected = added.forward(items()).vector;
    expect(plain.forward(items()).vector).not.toBeAllClose(expected, { atol: 1e-3 });
    const self = plain.parameters.get('layers.0.attention.input.weight')!;
    self.assign(mul(self, concat([fill([1, 8], 0.5), ones([1, 16])], 1)));
    const cross = plain.parameters.get('layers.0.cross.query.weight');
    cross?.assign(mul(cross, 0.5));
    expect(plain.forward(items()).vector).toBeAllClose(expected, { atol: 1e-6 });
  });
  plain.dispose();
  added.dispose();
});

it('has cross-attention in the first of every n layers', () => {
  const layersOf = (every: number | undefined) => {
    const attention = { kind: 'cross' as const, ...(every !== undefined && { every }) };
    const model = new FusionQFormer({ ...SIZES, depth: 5, attention });
    const paths = [...model.parameters.keys()].filter((path) => path.endsWith('cross.query.weight'));
    model.dispose();
    return paths.map((path) => Number(path.split('.')[1]));
  };
  expect(layersOf(undefined)).toEqual([0, 2, 4]);
  expect(layersOf(1)).toEqual([0, 1, 2, 3, 4]);
  expect(layersOf(3)).toEqual([0, 3]);
  expect(layersOf(9)).toEqual([0]);
});

it('drops the output of cross-attention by a seed of its own', () => {
  const options: FusionQFormerOptions<Names> = { ...SIZES, depth: 1, attention: { kind: 'cross' }, dropout: 0.5 };
  const model = new FusionQFormer(options);
  tidy(() => {
    // Self-attention gives zeros, so only the dropout of cross-attention is left.
    const output = model.parameters.get('layers.0.attention.output.weight')!;
    output.assign(zeros(output.shape));
    const forward = (dropoutSeed?: number) =>
      model.forward(items(), dropoutSeed === undefined ? {} : { dropoutSeed }).queries;
    expect(forward(7)).toBeAllClose(forward(7), { atol: 0, rtol: 0 });
    expect(forward(7)).not.toBeAllClose(forward(8), { atol: 1e-2 });
    expect(forward(7)).not.toBeAllClose(forward(), { atol: 1e-2 });
  });
  model.dispose();
});

it.each([FORMS[1]!, FORMS[4]!])('learns a label that depends on both modalities, in %s', (_, options) => {
  const model = new FusionQFormer({ ...options, outputDim: 1 });
  const optimizer = new AdamW(model.parameters);
  const losses: number[] = [];
  tidy(() => {
    const [image, text] = [{ tokens: normal([16, 1, 6], 1) }, { tokens: normal([16, 1, 5], 2) }];
    const first = (x: Tensor) => reshape(slice(x, [0, 0, 0], [16, 1, 1]), [16, 1]);
    const labels = sub(first(image.tokens), first(text.tokens));
    for (let step = 0; step < 60; step++) {
      tidy(() => {
        const loss = () => mean(square(sub(model.forward({ image, text }).vector, labels))) as Scalar;
        const { value, grads } = variableGrads(loss, [...model.parameters.values()]);
        losses.push(value.dataSync()[0]!);
        const named = new Map([...model.parameters].map(([path, { name }]) => [path, grads[name]!]));
        optimizer.apply(named, { learningRate: 0.01 });
      });
    }
  });
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 10);
  optimizer.dispose();
  model.dispose();
});
