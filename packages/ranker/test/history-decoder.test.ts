import { importParameters, LowRankAdapter } from '@sifaka/nn';
import {
  type DecoderAttention,
  HistoryDecoder,
  type HistoryDecoderOptions,
  type UntargetedInputs,
} from '@sifaka/ranker';
import { expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  concat,
  eye,
  gather,
  mul,
  ones,
  type Scalar,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Inputs of a decoder that has a single group. */
function inputsOf(user: Tensor, history: Tensor, mask: Tensor): UntargetedInputs {
  return { features: { user }, history, mask };
}

interface DecoderGolden {
  readonly options: Omit<HistoryDecoderOptions, 'seed'>;
  readonly weights: string;
  readonly features: Readonly<Record<'user' | 'item', number[][]>>;
  readonly history: number[][][];
  readonly mask: number[][];
  readonly output: number[][];
  readonly upstream: number[][];
  readonly gradients: string;
}

describe('HistoryDecoder', () => {
  it("computes the paper's printed formula without residual", () => {
    const [dim, depth] = [2, 2];
    const decoder = new HistoryDecoder({ groups: { user: 1, item: 2 }, dim, depth, residual: false, seed: 5 });
    const weight = (path: string) => decoder.parameters.get(path)!.arraySync() as number[][];
    const bias = (path: string) => decoder.parameters.get(path)!.arraySync() as number[];
    // Biases start at 0. Other values show a bias that is missing.
    tidy(() => {
      let seed = 100;
      for (const v of decoder.parameters.values()) if (v.rank === 1) v.assign(normal(v.shape, ++seed));
    });

    const linear = (x: readonly number[], path: string) =>
      bias(`${path}.bias`).map((b, j) =>
        x.reduce((total, value, i) => total + value * weight(`${path}.weight`)[i]![j]!, b),
      );
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, value, i) => total + value * b[i]!, 0);
    const decode = (features: readonly number[], items: readonly number[][]) => {
      let query = linear(features, 'query');
      for (let layer = 0; layer < depth; layer++) {
        const exponentials = items.map((item) => Math.exp(dot(query, item)));
        const total = exponentials.reduce((a, b) => a + b);
        const read = query.map((_, k) =>
          items.reduce((sum, item, j) => sum + (exponentials[j]! / total) * item[k]!, 0),
        );
        const hidden = linear(read, `layers.${layer}.feedForward.expand`).map((x) => x * normalDistribution(x));
        query = linear(hidden, `layers.${layer}.feedForward.contract`);
      }
      return query;
    };

    tidy(() => {
      const [user, item, history] = [normal([4, 1], 1), normal([4, 2], 3), normal([4, 5, dim], 2)];
      const output = decoder.forward({ features: { user, item }, history, mask: ones([4, 5]) });
      const features = concat([user, item], 1);
      const items = history.arraySync() as number[][][];
      const expected = (features.arraySync() as number[][]).map((row, i) => decode(row, items[i]!));
      expect(output).toBeAllClose(expected, { atol: 1e-5, rtol: 1e-4 });
    });
    decoder.dispose();
  });

  it.each(['history-decoder', 'projected-decoder'])(
    'has the output and gradients of a PyTorch module that never sees padding (%s)',
    (name) => {
      const golden = readGolden<DecoderGolden>(import.meta.url, name);
      const decoder = new HistoryDecoder({ ...golden.options, seed: 1 });
      importParameters(decoder.parameters, goldenTensors(golden.weights));
      tidy(() => {
        const inputs = {
          features: { user: tensor2d(golden.features.user), item: tensor2d(golden.features.item) },
          history: tensor3d(golden.history),
          mask: tensor2d(golden.mask),
        };
        expect(decoder.forward(inputs)).toBeAllClose(golden.output, { atol: 1e-5, rtol: 1e-5 });
        const loss = (): Scalar => sum(mul(decoder.forward(inputs), tensor2d(golden.upstream)));
        expectGoldenGradients(loss, decoder.parameters, golden.gradients);
      });
      decoder.dispose();
    },
  );

  it('does not depend on the features if the history has one item', () => {
    const decoder = new HistoryDecoder({ groups: { user: 3 }, dim: 2, residual: false, seed: 1 });
    tidy(() => {
      const item = normal([1, 1, 2], 1);
      const [once, other] = [normal([1, 3], 2), normal([1, 3], 3)].map((x) =>
        decoder.forward(inputsOf(x, item, ones([1, 1]))),
      );
      expect(once!).toBeAllClose(other!);
    });
    decoder.dispose();
  });

  it('can be adapted in every Linear: merged updates compute what updates beside the weights do', () => {
    const attention = { kind: 'projected', heads: 2 } as const;
    const decoder = new HistoryDecoder({ groups: { user: 3 }, dim: 4, attention, seed: 1 });
    for (const target of ['query', 'key', 'value', 'output']) {
      const other = new HistoryDecoder({ groups: { user: 3 }, dim: 4, attention, seed: 1 });
      const adapter = new LowRankAdapter(other, { rank: 2, seed: 2, targets: [`attention.${target}`] });
      tidy(() => {
        const inputs = inputsOf(normal([2, 3], 3), normal([2, 5, 4], 4), ones([2, 5]));
        for (const factor of adapter.parameters.values()) factor.assign(normal(factor.shape, 5));
        const adapted = adapter.module.forward(inputs);
        expect(adapted, target).not.toBeAllClose(decoder.forward(inputs), { atol: 1e-3 });
        adapter.merge();
        expect(adapter.module.forward(inputs), target).toBeAllClose(adapted, { atol: 1e-4 });
      });
      adapter.dispose();
    }
    decoder.dispose();
  });

  it.each([{ residual: true }, { residual: false }, { attention: { kind: 'projected', heads: 2 } as const }])(
    'reads an empty history as zeros (%o)',
    (options) => {
      const decoder = new HistoryDecoder({ groups: { user: 3 }, dim: 4, depth: 2, ...options, seed: 1 });
      tidy(() => {
        const features = normal([2, 3], 1);
        const empty = decoder.forward(inputsOf(features, normal([2, 5, 4], 2), zeros([2, 5])));
        expect(empty).toBeAllClose(decoder.forward(inputsOf(features, zeros([2, 1, 4]), ones([2, 1]))));
      });
      decoder.dispose();
    },
  );

  it('equals the printed attention if the projections are the identity and the scale is undone', () => {
    const dim = 4;
    const options = { groups: { user: 3 }, dim, depth: 2, residual: false };
    const printed = new HistoryDecoder({ ...options, seed: 1 });
    const projected = new HistoryDecoder({ ...options, attention: { kind: 'projected', heads: 1 }, seed: 1 });
    tidy(() => {
      for (const [path, v] of projected.parameters) {
        const equal = printed.parameters.get(path);
        const scale = path.endsWith('attention.query.weight') ? Math.sqrt(dim) : 1;
        v.assign(equal ?? (v.rank === 2 ? mul(eye(dim), scale) : zeros(v.shape as [number])));
      }
      const inputs = inputsOf(normal([2, 3], 1), normal([2, 5, dim], 2), ones([2, 5]));
      expect(projected.forward(inputs)).toBeAllClose(printed.forward(inputs));
    });
    printed.dispose();
    projected.dispose();
  });

  it('does not depend on the order of the history', () => {
    const decoder = new HistoryDecoder({ groups: { user: 3 }, dim: 4, depth: 2, seed: 1 });
    tidy(() => {
      const [features, history] = [normal([2, 3], 1), normal([2, 4, 4], 2)];
      const mask = tensor2d([
        [1, 1, 1, 0],
        [1, 1, 1, 1],
      ]);
      const order = tensor1d([3, 1, 0, 2], 'int32');
      const shuffled = decoder.forward(inputsOf(features, gather(history, order, 1), gather(mask, order, 1)));
      expect(shuffled).toBeAllClose(decoder.forward(inputsOf(features, history, mask)));
    });
    decoder.dispose();
  });

  it('refuses heads that do not divide its width, and unknown kinds of attention', () => {
    const decoder = (options: Partial<HistoryDecoderOptions>) => () =>
      new HistoryDecoder({ groups: { user: 3 }, dim: 4, seed: 1, ...options });
    const projected = (heads: number) => decoder({ attention: { kind: 'projected', heads } });
    expect(projected(3)).toThrow('HistoryDecoder: expected heads to divide dim 4, got 3');
    expect(projected(0)).toThrow('expected heads to divide dim 4, got 0');
    const unknown = JSON.parse('{ "kind": "linear" }') as DecoderAttention;
    expect(decoder({ attention: unknown })).toThrow(
      "HistoryDecoder: expected attention.kind to be 'printed' or 'projected', got 'linear'",
    );
  });
});

/** Φ(x) by Simpson's rule. */
function normalDistribution(x: number): number {
  const steps = 200;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let area = density(0) + density(x);
  for (let i = 1; i < steps; i++) area += density((x * i) / steps) * (i % 2 === 1 ? 4 : 2);
  return 0.5 + (area * x) / steps / 3;
}
