import {
  AutoInt,
  DcnV2,
  DeepFm,
  Dlrm,
  FactorizationMachine,
  MlpHead,
  type RankingHead,
  type RankingHeadOptions,
  RankMixer,
} from '@sifaka/ranker';
import { describe, expect, it, vi } from 'vitest';
import {
  attentionTask,
  drawSign,
  type HeadTask,
  namedDotTask,
  productTask,
  smallerDotTask,
} from './interaction-tasks.js';
import { type LearnTaskOptions, type LearnTaskResult, learnTask } from './synthetic-task.js';

// Each takes seconds on a free core, also on the reference engine, but much longer on a busy one.
vi.setConfig({ testTimeout: 600_000 });

type MakeHead = (options: RankingHeadOptions) => RankingHead;

function learn({ groups, draw }: HeadTask, make: MakeHead, options: LearnTaskOptions): LearnTaskResult {
  const head = make({ groups, seed: 1 });
  const result = learnTask(draw, head, options);
  head.dispose();
  return result;
}

/** Expects an AUC within 0.005 of the best one. */
function expectLearned(task: HeadTask, make: MakeHead, options: LearnTaskOptions): void {
  const { auc, bestAuc } = learn(task, make, options);
  expect(auc).toBeGreaterThan(bestAuc - 0.005);
}

/** Expects that an MLP is twice as far from the best AUC after as many steps. */
function expectMlpFails(task: HeadTask, options: LearnTaskOptions): void {
  const { auc, bestAuc } = learn(task, (common) => new MlpHead({ ...common, hiddenDims: [64, 32] }), options);
  expect(auc).toBeLessThan(bestAuc - 0.01);
}

describe('the dot product of two groups among six', () => {
  const task = productTask({ count: 6, width: 8, factors: 2, scale: 3 });
  const options = { seed: 1, steps: 400, rows: 192, learningRate: 0.01 };

  it('FactorizationMachine learns it', () => {
    expectLearned(task, (common) => new FactorizationMachine({ ...common, factors: 8 }), options);
  });

  it('DeepFm learns it', () => {
    expectLearned(task, (common) => new DeepFm({ ...common, factors: 8, hiddenDims: [16] }), options);
  });

  it('an MLP does not in as many steps', () => {
    expectMlpFails(task, options);
  });
});

describe('products of three groups among six', () => {
  const task = productTask({ count: 6, width: 4, factors: 3, scale: 5 });
  const options = { seed: 1, steps: 400, learningRate: 0.02 };

  it.each(['stacked', 'parallel'] as const)('DcnV2 with two cross layers, %s, learns them', (structure) => {
    expectLearned(task, (common) => new DcnV2({ ...common, structure, hiddenDims: [] }), options);
  });

  it('one cross layer cannot: it makes products of two', () => {
    const { auc } = learn(task, (common) => new DcnV2({ ...common, depth: 1, hiddenDims: [] }), options);
    expect(Math.abs(auc - 0.5)).toBeLessThan(0.05);
  });

  it('an MLP does not in as many steps', () => {
    expectMlpFails(task, options);
  });
});

describe('a value of the group whose category a query names', () => {
  const task = attentionTask({ count: 4, categories: 4, scale: 5 });
  const options = { seed: 1, steps: 600, learningRate: 0.015 };

  it('AutoInt learns it by attention', () => {
    expectLearned(task, (common) => new AutoInt({ ...common, dim: 8, heads: 1, headDim: 16, depth: 1 }), options);
  });

  it('an MLP does not in as many steps', () => {
    expectMlpFails(task, options);
  });
});

describe('the smaller of two dot products of groups among six', () => {
  const task = smallerDotTask({ count: 6, width: 8, scale: 3 });
  const options = { seed: 1, steps: 800, rows: 192, learningRate: 0.02 };

  it('Dlrm learns it by an MLP over dot products', () => {
    expectLearned(task, (common) => new Dlrm({ ...common, factors: 16, hiddenDims: [32] }), options);
  });

  it('FactorizationMachine cannot: it adds the dot products', () => {
    const { auc, bestAuc } = learn(task, (common) => new FactorizationMachine({ ...common, factors: 16 }), options);
    expect(auc).toBeLessThan(bestAuc - 0.01);
  });

  it('an MLP does not in as many steps', () => {
    expectMlpFails(task, options);
  });
});

describe('the dot product that a query names among four', () => {
  const task = namedDotTask({ pairs: 4, width: 4, scale: 3 });
  const options = { seed: 1, steps: 800, rows: 192, learningRate: 0.015 };
  const cross = { kind: 'lowRank', rank: 16, experts: 4 } as const;

  it('DcnV2 with a mixture of low-rank experts learns it', () => {
    expectLearned(task, (common) => new DcnV2({ ...common, depth: 1, cross, hiddenDims: [] }), options);
  });

  it('one cross layer of full rank cannot: without a gate it adds products of two', () => {
    const { auc, bestAuc } = learn(task, (common) => new DcnV2({ ...common, depth: 1, hiddenDims: [] }), options);
    expect(auc).toBeLessThan(bestAuc - 0.1);
  });

  it('an MLP does not in as many steps', () => {
    expectMlpFails(task, options);
  });
});

describe('the dot product of two groups of signs among eight', () => {
  const task = productTask({ count: 8, width: 8, number: drawSign, factors: 2, scale: 1 });
  const options = { seed: 1, steps: 600, learningRate: 0.01 };

  // Without the mixing, the groups would meet in the mean over tokens alone, which adds.
  it('RankMixer learns it by mixing tokens', () => {
    expectLearned(task, (common) => new RankMixer({ ...common, depth: 1, expansion: 2 }), options);
  });

  it('an MLP does not in as many steps', () => {
    expectMlpFails(task, options);
  });
});
