import {
  AutoInt,
  DcnV2,
  DeepFm,
  FactorizationMachine,
  type FeatureGroups,
  type Features,
  MlpHead,
  type RankingHead,
  type RankingHeadOptions,
} from '@sifaka/ranker';
import { tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type DrawRows, type LearnTaskOptions, type LearnTaskResult, learnTask } from './synthetic-task.js';

/** Rows whose label depends on one interaction of groups, and on nothing else. */
interface HeadTask {
  readonly groups: FeatureGroups;
  readonly draw: DrawRows<Features>;
}

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

/** One normally distributed number (Box and Muller, 1958). */
function normalNumber(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const groupNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `group${i}`);
const sameWidth = (count: number, width: number): FeatureGroups =>
  Object.fromEntries(groupNames(count).map((name) => [name, width]));

/**
 * Groups of normally distributed numbers. The log odds are `scale · Σ_k Π_g x_gk` over the first `factors` groups,
 * which is a dot product if there are two. The other groups are noise.
 */
function productTask(options: { count: number; width: number; factors: number; scale: number }): HeadTask {
  const { count, width, factors, scale } = options;
  return {
    groups: sameWidth(count, width),
    draw: (random, rows) => {
      const values = groupNames(count).map(() =>
        Float32Array.from({ length: rows * width }, () => normalNumber(random)),
      );
      const logOdds = new Float64Array(rows);
      for (let i = 0; i < rows * width; i++) {
        logOdds[Math.floor(i / width)]! += scale * values.slice(0, factors).reduce((product, x) => product * x[i]!, 1);
      }
      const inputs = Object.fromEntries(values.map((x, i) => [`group${i}`, tensor2d(x, [rows, width])]));
      return { inputs, logOdds };
    },
  };
}

/**
 * A query with a category, and groups with a category and a normally distributed value. The log odds are the values'
 * mean, weighted by `softmax_g(4 · [category of g = category of the query])`: the query attends to the groups of its
 * category.
 */
function attentionTask({ count, categories, scale }: { count: number; categories: number; scale: number }): HeadTask {
  const width = categories + 1; // one-hot, then the value
  return {
    groups: { query: categories, ...sameWidth(count, width) },
    draw: (random, rows) => {
      const category = () => Math.floor(random() * categories);
      const query = new Float32Array(rows * categories);
      const items = groupNames(count).map(() => new Float32Array(rows * width));
      const logOdds = Array.from({ length: rows }, (_, row) => {
        const wanted = category();
        query[row * categories + wanted] = 1;
        let [total, weights] = [0, 0];
        for (const item of items) {
          const [found, value] = [category(), normalNumber(random)];
          item[row * width + found] = 1;
          item[row * width + categories] = value;
          const weight = found === wanted ? Math.exp(4) : 1;
          total += weight * value;
          weights += weight;
        }
        return (scale * total) / weights;
      });
      const inputs = Object.fromEntries(items.map((item, i) => [`group${i}`, tensor2d(item, [rows, width])]));
      return { inputs: { query: tensor2d(query, [rows, categories]), ...inputs }, logOdds };
    },
  };
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
