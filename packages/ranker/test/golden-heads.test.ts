import { importParameters } from '@sifaka/nn';
import {
  AutoInt,
  type AutoIntOptions,
  DcnV2,
  type DcnV2Options,
  DeepFm,
  type DeepFmOptions,
  Dlrm,
  type DlrmOptions,
  FactorizationMachine,
  type FactorizationMachineOptions,
  type RankingHead,
  type RankingHeadOptions,
} from '@sifaka/ranker';
import { expectGoldenGradients, goldenTensors, readGolden } from '@sifaka/test-kit';
import { grads, mul, type Scalar, sum, type Tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface HeadGolden<Options extends RankingHeadOptions> {
  readonly options: Omit<Options, 'seed'>;
  readonly weights: string;
  readonly features: Readonly<Record<string, number[][]>>;
  readonly logits: number[];
  readonly upstream: number[];
  readonly featureGradients: Readonly<Record<string, number[][]>>;
  readonly gradients: string;
}

/** Expects the logits and all gradients of a golden file that `tools/golden/ranker/heads.py` wrote. */
function expectGolden<Options extends RankingHeadOptions>(
  name: string,
  make: (options: Omit<Options, 'seed'>) => RankingHead,
): void {
  const golden = readGolden<HeadGolden<Options>>(import.meta.url, name);
  const head = make(golden.options);
  importParameters(head.parameters, goldenTensors(golden.weights));
  const names = Object.keys(golden.features);
  tidy(() => {
    const features = names.map((group) => tensor2d(golden.features[group]!));
    const logits = (...inputs: Tensor[]) =>
      head.forward(Object.fromEntries(names.map((group, i) => [group, inputs[i]!])));
    const loss = (...inputs: Tensor[]): Scalar => sum(mul(logits(...inputs), tensor1d(golden.upstream)));
    expect(logits(...features)).toBeAllClose(golden.logits, { atol: 1e-5, rtol: 1e-5 });
    grads(loss)(features).forEach((gradient, i) => {
      expect(gradient, names[i]!).toBeAllClose(golden.featureGradients[names[i]!]!, { atol: 2e-5, rtol: 1e-3 });
    });
    expectGoldenGradients(() => loss(...features), head.parameters, golden.gradients);
  });
  head.dispose();
}

describe('the logits and gradients of a PyTorch module that computes term by term', () => {
  it('FactorizationMachine: pair by pair', () => {
    expectGolden<FactorizationMachineOptions>(
      'factorization-machine',
      (options) => new FactorizationMachine({ ...options, seed: 1 }),
    );
  });

  it('DeepFm: pair by pair', () => {
    expectGolden<DeepFmOptions>('deep-fm', (options) => new DeepFm({ ...options, seed: 1 }));
  });

  it('Dlrm: pair by pair', () => {
    expectGolden<DlrmOptions>('dlrm', (options) => new Dlrm({ ...options, seed: 1 }));
  });

  it.each([
    ['stacked, full', 'dcn-v2'],
    ['stacked, one expert of low rank', 'one-expert-dcn-v2'],
    ['parallel, three experts of low rank: expert by expert', 'parallel-dcn-v2'],
  ])('DcnV2, %s', (_, name) => {
    expectGolden<DcnV2Options>(name, (options) => new DcnV2({ ...options, seed: 1 }));
  });

  it('AutoInt: group by group, head by head', () => {
    expectGolden<AutoIntOptions>('auto-int', (options) => new AutoInt({ ...options, seed: 1 }));
  });
});
