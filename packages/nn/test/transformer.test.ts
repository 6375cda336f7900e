import {
  AdamW,
  causalBias,
  countParameters,
  FeedForward,
  importParameters,
  Linear,
  type NamedParameters,
  paddingBias,
  smallNormal,
  Transformer,
  TransformerBlock,
  type TransformerOptions,
  withoutDrawing,
} from '@sifaka/nn';
import { goldenTensors, readGolden } from '@sifaka/test-kit';
import {
  logSoftmax,
  mean,
  mul,
  neg,
  oneHot,
  ones,
  reshape,
  type Scalar,
  slice,
  square,
  sum,
  type Tensor,
  tensor,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Golden {
  readonly options: Omit<TransformerOptions, 'seed'>;
  /** safetensors in base64 */
  readonly weights: string;
  readonly gradients: string;
  readonly tokens: number[];
  readonly mask: number[];
  readonly output: number[];
  readonly upstream: number[];
}

/** Gradients of a loss by path, owned by the caller's tidy. */
function gradientsOf(
  parameters: NamedParameters,
  loss: () => Scalar,
): { value: Scalar; gradients: Map<string, Tensor> } {
  const { value, grads } = variableGrads(loss, [...parameters.values()]);
  return { value, gradients: new Map([...parameters].map(([path, variable]) => [path, grads[variable.name]!])) };
}

describe('FeedForward', () => {
  it('draws its two weights from different seeds', () => {
    const { expand, contract, ...part } = new FeedForward({ dim: 3, hiddenDim: 3, seed: 1 });
    expect([...expand.weight.dataSync()]).not.toEqual([...contract.weight.dataSync()]);
    for (const variable of part.parameters.values()) variable.dispose();
  });
});

describe('Transformer', () => {
  it("equals PyTorch's TransformerEncoder with norm_first and gelu, forward and backward", () => {
    const golden = readGolden<Golden>(import.meta.url, 'transformer');
    const transformer = new Transformer({ ...golden.options, seed: 1 });
    importParameters(transformer.parameters, goldenTensors(golden.weights));
    const expected = goldenTensors(golden.gradients);
    tidy(() => {
      const tokens = tensor(golden.tokens);
      const bias = paddingBias(tensor(golden.mask));
      expect(transformer.forward(tokens, { bias })).toBeAllClose(golden.output, { atol: 1e-4 });
      const { gradients } = gradientsOf(transformer.parameters, () =>
        sum(mul(transformer.forward(tokens, { bias }), tensor(golden.upstream))),
      );
      expect([...gradients.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [path, gradient] of gradients) {
        expect(gradient, path).toBeAllClose(expected.get(path)!.data, { atol: 2e-4, rtol: 1e-3 });
      }
    });
    transformer.dispose();
  });

  it('memorises eight sequences', () => {
    const transformer = new Transformer({ dim: 16, depth: 1, heads: 2, hiddenDim: 32, seed: 1 });
    const head = new Linear({ inputDim: 16, outputDim: 4, seed: 2 });
    const parameters = new Map([
      ...transformer.parameters,
      ...[...head.parameters].map(([k, v]) => [`head.${k}`, v] as const),
    ]);
    const optimizer = new AdamW(parameters);
    const losses: number[] = [];
    tidy(() => {
      const tokens = smallNormal([8, 6, 16], 3, 1);
      const targets = oneHot(tensor([0, 3, 1, 2, 2, 0, 3, 1], [8], 'int32'), 4);
      for (let step = 0; step < 40; step++) {
        tidy(() => {
          const { value, gradients } = gradientsOf(parameters, () => {
            const logits = head.forward(mean(transformer.forward(tokens), 1)); // [8, 4]
            return neg(mean(sum(mul(logSoftmax(logits), targets), -1)));
          });
          losses.push(value.dataSync()[0]!);
          optimizer.apply(gradients, { learningRate: 0.01 });
        });
      }
    });
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(0.05);
    optimizer.dispose();
    transformer.dispose();
    head.dispose();
  });

  it('draws different weights for every block and seed, and the same for the same seed', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => new Transformer({ dim: 4, depth: 2, heads: 2, seed }));
    const weight = 'feedForward.expand.weight';
    const first = a!.parameters.get(`blocks.0.${weight}`)!;
    expect(first).toBeAllClose(b!.parameters.get(`blocks.0.${weight}`)!, { atol: 0, rtol: 0 });
    expect(first).not.toBeAllClose(a!.parameters.get(`blocks.1.${weight}`)!);
    expect(first).not.toBeAllClose(c!.parameters.get(`blocks.0.${weight}`)!);
    for (const transformer of [a!, b!, c!]) transformer.dispose();
  });

  it('has 12 dim² weights per block apart from biases and norms, and disposes all', () => {
    const transformer = new Transformer({ dim: 8, depth: 3, heads: 2, seed: 1 });
    const matrices = new Map([...transformer.parameters].filter(([, { rank }]) => rank === 2));
    expect(countParameters(matrices)).toBe(3 * 12 * 8 * 8);
    transformer.dispose();
    transformer.dispose();
    expect([...transformer.parameters.values()].every(({ isDisposed }) => isDisposed)).toBe(true);
  });
});

describe('TransformerBlock', () => {
  it('is the identity if its output projections are zero', () => {
    const block = new TransformerBlock({ dim: 4, heads: 2, seed: 1 });
    tidy(() => {
      for (const { weight } of [block.attention.output, block.feedForward.contract]) weight.assign(mul(weight, 0));
      const tokens = smallNormal([2, 3, 4], 2, 1);
      expect(block.forward(tokens)).toBeAllClose(tokens);
    });
    block.dispose();
    block.dispose();
  });
});

describe('TransformerBlock with fewer queries', () => {
  it('returns the first rows of the full result', () => {
    const block = new TransformerBlock({ dim: 4, heads: 2, seed: 1 });
    tidy(() => {
      const tokens = smallNormal([2, 5, 4], 2, 1);
      const bias = tensor([0, -1, -1e9, 0, 1], [1, 1, 1, 5]);
      const first = slice(block.forward(tokens, { bias }), [0, 0, 0], [2, 3, 4]);
      expect(block.forward(tokens, { bias, queries: 3 })).toBeAllClose(first);
    });
    block.dispose();
  });
});

describe('options of a block', () => {
  const tokens = () => smallNormal([2, 3, 4], 2, 1);

  it('post: every output is normalised', () => {
    const block = new TransformerBlock({ dim: 4, heads: 2, norm: { kind: 'post' }, seed: 1 });
    tidy(() => {
      const y = block.forward(tokens());
      expect(mean(y, -1)).toBeAllClose(zeros([2, 3]), { atol: 1e-6 });
      expect(mean(square(y), -1)).toBeAllClose(ones([2, 3]), { atol: 1e-3 });
    });
    block.dispose();
  });

  it('post: the stack has no final norm unless it is asked for, pre: it has', () => {
    const has = (options: Partial<TransformerOptions>) => {
      const stack = new Transformer({ dim: 4, depth: 1, heads: 2, seed: 1, ...options });
      const found = stack.norm !== undefined;
      stack.dispose();
      return found;
    };
    expect(has({})).toBe(true);
    expect(has({ finalNorm: false })).toBe(false);
    expect(has({ norm: { kind: 'post' } })).toBe(false);
    expect(has({ norm: { kind: 'post' }, finalNorm: true })).toBe(true);
  });

  it('layerScale of 0 makes a pre-norm block the identity, and learns', () => {
    const block = new TransformerBlock({ dim: 4, heads: 2, layerScale: 0, seed: 1 });
    tidy(() => {
      expect(block.forward(tokens())).toBeAllClose(tokens());
      const { grads } = variableGrads(() => sum(mul(block.forward(tokens()), smallNormal([2, 3, 4], 3, 1))));
      for (const path of ['attentionScale', 'feedForwardScale']) {
        expect([...grads[block.parameters.get(path)!.name]!.dataSync()].every((slope) => slope !== 0)).toBe(true);
      }
    });
    block.dispose();
  });

  it.each<[Partial<TransformerOptions>, string]>([
    [{ activation: 'relu' as 'gelu' }, 'activation to be one of gelu, geluTanh, quickGelu, got relu'],
    [{ norm: { kind: 'both' as 'pre' } }, 'norm.kind to be pre or post, got both'],
    [{ norm: { kind: 'pre', epsilon: 0 } }, 'norm.epsilon to be a number above 0, got 0'],
    [{ layerScale: Number.NaN }, 'layerScale to be a number from 0, got NaN'],
  ])('refuses %j', (options, message) => {
    expect(() => new Transformer({ dim: 4, depth: 1, heads: 2, seed: 1, ...options })).toThrow(
      `Transformer: expected ${message}`,
    );
  });
});

describe('causalBias', () => {
  it('hides later tokens: the first ones do not change with them', () => {
    const block = new TransformerBlock({ dim: 4, heads: 2, seed: 1 });
    tidy(() => {
      const tokens = smallNormal([1, 5, 4], 2, 1);
      const start = (x: Tensor) => slice(x, [0, 0, 0], [1, 3, 4]);
      const causal = start(block.forward(tokens, { bias: causalBias(5) }));
      expect(causal).toBeAllClose(block.forward(start(tokens), { bias: causalBias(3) }));
      expect(causal).not.toBeAllClose(start(block.forward(tokens)), { atol: 1e-3 });
    });
    block.dispose();
  });
});

describe('withoutDrawing', () => {
  it('makes modules of zeros, and draws again afterwards', () => {
    const make = () => new Linear({ inputDim: 3, outputDim: 2, seed: 1 });
    const [blank, drawn] = [withoutDrawing(make), make()];
    expect([...blank.weight.dataSync()]).toEqual(Array(6).fill(0));
    expect([...drawn.weight.dataSync()].every((value) => value !== 0)).toBe(true);
    expect(() =>
      withoutDrawing(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    const again = make();
    expect([...again.weight.dataSync()]).toEqual([...drawn.weight.dataSync()]);
    for (const linear of [blank, drawn, again]) linear.dispose();
  });
});

describe('FeedForward', () => {
  it('transforms every token independently', () => {
    const feedForward = new FeedForward({ dim: 4, seed: 1 });
    expect(feedForward.expand.weight.shape).toEqual([4, 16]);
    tidy(() => {
      const tokens = smallNormal([2, 3, 4], 2, 1);
      expect(feedForward.forward(tokens)).toBeAllClose(
        reshape(feedForward.forward(reshape(tokens, [6, 4])), [2, 3, 4]),
      );
    });
    feedForward.dispose();
    feedForward.dispose();
  });
});
