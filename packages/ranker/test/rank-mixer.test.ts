import { AdamW, countParameters, importParameters, ShapeError } from '@sifaka/nn';
import { type MixerFeedForward, mixTokens, RankMixer, type RankMixerOptions } from '@sifaka/ranker';
import { expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  concat,
  grads,
  mean,
  mul,
  reshape,
  type Scalar,
  slice,
  softplus,
  split,
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

interface RankMixerGolden {
  readonly options: Omit<RankMixerOptions, 'seed'>;
  readonly weights: string;
  readonly features: Readonly<Record<string, number[][]>>;
  readonly logits: number[];
  readonly upstream: number[];
  readonly featureGradients: Readonly<Record<string, number[][]>>;
  readonly gradients: string;
}

describe('mixTokens', () => {
  it('concatenates head h of every token in token h', () => {
    tidy(() => {
      const [tokens, batch, headDim] = [3, 2, 2];
      const x = normal([tokens, batch, tokens * headDim], 1);
      const before = x.arraySync() as number[][][];
      const after = mixTokens(x).arraySync() as number[][][];
      for (let h = 0; h < tokens; h++) {
        for (let row = 0; row < batch; row++) {
          const expected = before.flatMap((token) => token[row]!.slice(h * headDim, (h + 1) * headDim));
          expect(after[h]![row]).toEqual(expected);
        }
      }
    });
  });

  it('is its own inverse', () => {
    tidy(() => {
      const x = normal([4, 3, 8], 1);
      expect(mixTokens(mixTokens(x))).toBeAllClose(x, { atol: 0, rtol: 0 });
    });
  });

  it('refuses a width that the number of tokens does not divide', () => {
    tidy(() => {
      expect(() => mixTokens(zeros([3, 2, 7]))).toThrow(ShapeError);
      expect(() => mixTokens(zeros([3, 6]))).toThrow(
        'mixTokens: expected [T, B, D] with D a multiple of T, got [3, 6]',
      );
    });
  });
});

describe('RankMixer', () => {
  it("has the logits and gradients of a PyTorch module written from the paper's formulas", () => {
    const golden = readGolden<RankMixerGolden>(import.meta.url, 'rank-mixer');
    const model = new RankMixer({ ...golden.options, seed: 1 });
    importParameters(model.parameters, goldenTensors(golden.weights));
    const names = Object.keys(golden.features);
    tidy(() => {
      const features = names.map((name) => tensor2d(golden.features[name]!));
      const logits = (...inputs: Tensor[]) =>
        model.forward(Object.fromEntries(names.map((name, i) => [name, inputs[i]!])));
      const loss = (...inputs: Tensor[]): Scalar => sum(mul(logits(...inputs), tensor1d(golden.upstream)));
      expect(logits(...features)).toBeAllClose(golden.logits, { atol: 1e-5, rtol: 1e-5 });
      grads(loss)(features).forEach((gradient, i) => {
        expect(gradient).toBeAllClose(golden.featureGradients[names[i]!]!, { atol: 2e-5, rtol: 1e-3 });
      });
      expectGoldenGradients(() => loss(...features), model.parameters, golden.gradients);
    });
    model.dispose();
  });

  it('has one token per group, as wide as all its heads', () => {
    const model = new RankMixer({ groups: { a: 2, b: 5, c: 1 }, headDim: 4, depth: 2, expansion: 3, seed: 1 });
    expect(model.tokenDim).toBe(12);
    const projections = (2 + 5 + 1) * 12 + 3 * 12;
    const perTokenFeedForward = 3 * (12 * 36 + 36 + 36 * 12 + 12);
    const block = perTokenFeedForward + 2 * 2 * 12;
    expect(countParameters(model.parameters)).toBe(projections + 2 * block + 12 + 1);
    model.dispose();
  });

  it('cuts the concatenated groups into equal pieces', () => {
    const groups = { a: 2, b: 5, c: 1 }; // 8 features: pieces of 3, 3 and 2, padded with one zero.
    const cut = new RankMixer({ groups, tokens: 3, headDim: 2, seed: 1 });
    const pieces = new RankMixer({ groups: { first: 3, second: 3, third: 3 }, headDim: 2, seed: 1 });
    expect(cut.tokenDim).toBe(6);
    tidy(() => {
      for (const [i, name] of ['first', 'second', 'third'].entries()) {
        const weight = cut.parameters.get('projection.weight')! as Tensor;
        pieces.parameters
          .get(`projection.${name}.weight`)!
          .assign(reshape(slice(weight, [i, 0, 0], [1, 3, 6]), [3, 6]));
      }
      for (const [path, v] of pieces.parameters) {
        if (!path.startsWith('projection')) v.assign(cut.parameters.get(path)!);
      }
      const [a, b, c] = [normal([4, 2], 1), normal([4, 5], 2), normal([4, 1], 3)];
      const [first, second, third] = split(concat([a, b, c, zeros([4, 1])], 1), 3, 1);
      const expected = pieces.forward({ first: first!, second: second!, third: third! });
      expect(cut.forward({ a, b, c })).toBeAllClose(expected);
    });
    cut.dispose();
    pieces.dispose();
  });

  it('trains as it serves, without an auxiliary loss, if it has no experts', () => {
    const model = new RankMixer({ groups: { a: 2, b: 3 }, headDim: 2, seed: 1 });
    tidy(() => {
      const features = { a: normal([4, 2], 1), b: normal([4, 3], 2) };
      const { logits, ...rest } = model.forwardTraining(features);
      expect(logits).toBeAllClose(model.forward(features), { atol: 0, rtol: 0 });
      expect(rest).toEqual({});
    });
    model.dispose();
  });

  it('refuses more tokens than features, no experts, and unknown kinds of feed-forward part', () => {
    const model = (options: Partial<RankMixerOptions>) => () =>
      new RankMixer({ groups: { user: 2, item: 3 }, seed: 1, ...options });
    expect(model({ tokens: 6 })).toThrow('RankMixer: expected tokens to be a whole number from 1 to 5, got 6');
    expect(model({ feedForward: { kind: 'experts', experts: 0 } })).toThrow(
      'RankMixer: expected feedForward.experts to be a whole number from 1, got 0',
    );
    const unknown = JSON.parse('{ "kind": "moe" }') as MixerFeedForward;
    expect(model({ feedForward: unknown })).toThrow(
      "RankMixer: expected feedForward.kind to be 'dense' or 'experts', got 'moe'",
    );
  });

  it('learns an interaction that no sum of its groups can express', () => {
    const model = new RankMixer({ groups: { a: 1, b: 1 }, headDim: 4, depth: 1, seed: 1 });
    const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
    const [a, b] = [tensor([-1, -1, 1, 1], [4, 1]), tensor([-1, 1, -1, 1], [4, 1])];
    const labels = tensor1d([0, 1, 1, 0]);
    for (let step = 0; step < 40; step++) {
      tidy(() => {
        const { grads } = variableGrads(() => {
          const logits = model.forward({ a, b });
          return mean(add(softplus(logits), mul(mul(labels, logits), -1))) as Scalar; // binary cross-entropy
        });
        optimizer.apply(new Map([...model.parameters].map(([path, v]) => [path, grads[v.name]!])), {
          learningRate: 0.05,
        });
      });
    }
    const scored = model.forward({ a, b });
    const logits = scored.arraySync() as number[];
    expect(logits.map((logit) => logit > 0)).toEqual([false, true, true, false]);
    expect(Math.min(...logits.map(Math.abs))).toBeGreaterThan(2);
    optimizer.dispose();
    model.dispose();
    for (const held of [a, b, labels, scored]) held.dispose();
  });
});
