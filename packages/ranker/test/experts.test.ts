import { AdamW, countParameters, importParameters } from '@sifaka/nn';
import { type MixerFeedForward, nextRegularization, RankMixer, type RankMixerOptions } from '@sifaka/ranker';
import { expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  mean,
  mul,
  type Scalar,
  softplus,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { gradientsByPath } from './parameter-gradients.js';

const SMALL = { groups: { a: 2, b: 3 }, headDim: 2, depth: 2, expansion: 2, seed: 1 } satisfies RankMixerOptions;
const featuresOf = (batch: number) => ({ a: normal([batch, 2], 1), b: normal([batch, 3], 2) });
const isServingRouter = (path: string) => path.includes('servingRouter');

interface ExpertsGolden {
  readonly options: Omit<RankMixerOptions, 'seed'>;
  readonly weights: string;
  readonly features: Readonly<Record<string, number[][]>>;
  readonly logits: number[];
  readonly auxiliaryLoss: number;
  readonly activeShare: number;
  readonly served: number[];
  readonly upstream: number[];
  readonly gradients: string;
}

describe('RankMixer with experts', () => {
  it('has the values and gradients of a PyTorch module that computes expert by expert, trained and served', () => {
    const golden = readGolden<ExpertsGolden>(import.meta.url, 'experts-rank-mixer');
    const model = new RankMixer({ ...golden.options, seed: 1 });
    importParameters(model.parameters, goldenTensors(golden.weights));
    tidy(() => {
      const features = Object.fromEntries(
        Object.entries(golden.features).map(([name, values]) => [name, tensor2d(values)]),
      );
      const { logits, auxiliaryLoss, activeShare } = model.forwardTraining(features);
      expect(logits).toBeAllClose(golden.logits, { atol: 1e-5, rtol: 1e-4 });
      expect(auxiliaryLoss!).toBeAllClose([golden.auxiliaryLoss], { atol: 1e-5, rtol: 1e-4 });
      expect(activeShare!).toBeAllClose([golden.activeShare]);
      expect(model.forward(features)).toBeAllClose(golden.served, { atol: 1e-5, rtol: 1e-4 });
      const loss = (): Scalar => {
        const trained = model.forwardTraining(features);
        return add(sum(mul(trained.logits, tensor1d(golden.upstream))), trained.auxiliaryLoss!);
      };
      expectGoldenGradients(loss, model.parameters, golden.gradients);
    });
    model.dispose();
  });

  it('first serves as it trains, because both routers start equal', () => {
    const model = new RankMixer({ ...SMALL, feedForward: { kind: 'experts', experts: 3, denseTraining: true } });
    tidy(() => {
      const features = featuresOf(5);
      const { logits, auxiliaryLoss } = model.forwardTraining(features, { regularization: 0 });
      expect(logits).toBeAllClose(model.forward(features));
      expect(auxiliaryLoss!).toBeAllClose([0]);
    });
    model.dispose();
  });

  it('passes the auxiliary loss to the serving router alone', () => {
    const model = new RankMixer({ ...SMALL, feedForward: { kind: 'experts', experts: 3, denseTraining: true } });
    tidy(() => {
      for (const [path, v] of model.parameters) if (isServingRouter(path)) v.assign(add(v, 0.1));
      const features = featuresOf(5);
      const ofAuxiliary = gradientsByPath(model.parameters, () => model.forwardTraining(features).auxiliaryLoss!);
      const ofTask = gradientsByPath(model.parameters, () => sum(model.forwardTraining(features).logits) as Scalar);
      for (const [path, gradient] of ofAuxiliary) {
        expect(
          gradient.some((x) => x !== 0),
          path,
        ).toBe(isServingRouter(path));
      }
      for (const [path, gradient] of ofTask) {
        if (isServingRouter(path))
          expect(
            gradient.every((x) => x === 0),
            path,
          ).toBe(true);
      }
    });
    model.dispose();
  });

  it('switches experts off one by one, and ignores experts behind closed gates', () => {
    const model = new RankMixer({ ...SMALL, depth: 1, feedForward: { kind: 'experts', experts: 2 } });
    tidy(() => {
      const features = featuresOf(4);
      const path = 'blocks.0.feedForward.servingRouter';
      for (const part of ['weight', 'bias']) {
        const v = model.parameters.get(`${path}.${part}`)!;
        v.assign(zeros(v.shape as [number]));
      }
      const silent = model.forward(features);
      expect(model.forwardTraining(features).activeShare!).toBeAllClose([0]);
      for (const part of ['contract', 'contractBias']) {
        const v = model.parameters.get(`blocks.0.feedForward.experts.${part}`)!;
        v.assign(normal(v.shape, 3));
      }
      expect(model.forward(features)).toBeAllClose(silent); // All gates are closed.
      model.parameters.get(`${path}.bias`)!.assign(tensor([1, 0, 1, 0], [2, 1, 2]));
      expect(model.forwardTraining(features).activeShare!).toBeAllClose([0.5]);
      expect(model.forward(features)).not.toBeAllClose(silent, { atol: 1e-3 });
    });
    model.dispose();
  });

  it('has one router without dense training, and regularises the layers before it', () => {
    const model = new RankMixer({ ...SMALL, feedForward: { kind: 'experts', experts: 3 } });
    expect([...model.parameters.keys()].some((path) => path.includes('trainingRouter'))).toBe(false);
    tidy(() => {
      const features = featuresOf(5);
      expect(model.forwardTraining(features).logits).toBeAllClose(model.forward(features));
      const ofAuxiliary = gradientsByPath(model.parameters, () => model.forwardTraining(features).auxiliaryLoss!);
      expect(ofAuxiliary.get('projection.a.weight')!.some((x) => x !== 0)).toBe(true);
      const ofTask = gradientsByPath(model.parameters, () => sum(model.forwardTraining(features).logits) as Scalar);
      expect(ofTask.get('blocks.1.feedForward.servingRouter.weight')!.some((x) => x !== 0)).toBe(true);
    });
    model.dispose();
  });

  it('has experts and routers per token', () => {
    const dense = new RankMixer(SMALL);
    const mixed = new RankMixer({ ...SMALL, feedForward: { kind: 'experts', experts: 3, denseTraining: true } });
    const [tokens, dim] = [2, 4];
    const feedForward = dim * 2 * dim + 2 * dim + 2 * dim * dim + dim;
    const routers = 2 * tokens * (dim * 3 + 3);
    const more = SMALL.depth * (2 * tokens * feedForward + routers);
    expect(countParameters(mixed.parameters) - countParameters(dense.parameters)).toBe(more);
    dense.dispose();
    mixed.dispose();
  });

  it('learns and grows sparse', () => {
    const { activeShares, served } = learnExclusiveOr({ kind: 'experts', experts: 4, regularization: 0.05 });
    // The last bits of an engine's sums decide how far it falls: to .25 on one engine, to .28 on another.
    expect(activeShares.at(-1)).toBeLessThan(0.75 * activeShares[0]!);
    expect(served.map((logit) => logit > 0)).toEqual([false, true, true, false]);
  });

  it('serves what the dense router learned', () => {
    const { served, trained } = learnExclusiveOr({
      kind: 'experts',
      experts: 4,
      denseTraining: true,
      regularization: 0,
    });
    expect(served.map((logit) => logit > 0)).toEqual([false, true, true, false]);
    expect(served).toBeAllClose(trained, { atol: 0.2, rtol: 0.1 });
  });
});

/** Trains 100 steps on four rows that no sum of the two features can separate. */
function learnExclusiveOr(feedForward: MixerFeedForward): {
  activeShares: number[];
  served: number[];
  trained: number[];
} {
  const model = new RankMixer({ groups: { a: 1, b: 1 }, headDim: 4, depth: 1, expansion: 2, feedForward, seed: 1 });
  const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
  const features = { a: tensor([-1, -1, 1, 1], [4, 1]), b: tensor([-1, 1, -1, 1], [4, 1]) };
  const labels = tensor1d([0, 1, 1, 0]);
  const activeShares: number[] = [];
  for (let step = 0; step < 100; step++) {
    tidy(() => {
      const { grads } = variableGrads(() => {
        const { logits, auxiliaryLoss, activeShare } = model.forwardTraining(features);
        activeShares.push(activeShare!.dataSync()[0]!);
        return add(mean(add(softplus(logits), mul(mul(labels, logits), -1))), auxiliaryLoss!) as Scalar;
      });
      const gradients = new Map([...model.parameters].map(([path, v]) => [path, grads[v.name]!]));
      optimizer.apply(gradients, { learningRate: 0.05 });
    });
  }
  const [served, trained] = tidy(() =>
    [model.forward(features), model.forwardTraining(features).logits].map((logits) => [...logits.dataSync()]),
  ) as unknown as [number[], number[]];
  for (const held of [optimizer, model, features.a, features.b, labels]) held.dispose();
  return { activeShares, served, trained };
}

describe('nextRegularization', () => {
  it('rises if too many experts are active, falls if too few are, and stays on budget', () => {
    expect(nextRegularization(0.01, 0.6, 0.5)).toBeCloseTo(0.012, 10);
    expect(nextRegularization(0.012, 0.4, 0.5)).toBeCloseTo(0.01, 10);
    expect(nextRegularization(0.01, 0.5, 0.5)).toBe(0.01);
  });
});
