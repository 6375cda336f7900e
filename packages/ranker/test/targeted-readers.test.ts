import { importParameters, Linear, LowRankAdapter, namedModules } from '@sifaka/nn';
import {
  Dien,
  type DienOptions,
  Din,
  type DinOptions,
  type HistoryReader,
  MeanPooling,
  Sim,
  type SimOptions,
} from '@sifaka/ranker';
import { expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  concat,
  gather,
  grads,
  mul,
  ones,
  reverse,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface ReaderGolden<Options> {
  readonly options: Omit<Options, 'seed'>;
  readonly weights: string;
  readonly target: number[][];
  readonly history: number[][][];
  readonly mask: number[][];
  readonly sameCategory: number[][];
  readonly output: number[][];
  readonly auxiliaryLoss?: number;
  readonly upstream: number[][];
  readonly targetGradient: number[][];
  readonly historyGradient: number[][][];
  readonly gradients: string;
}

/** Expects the output, the auxiliary loss and all gradients of a PyTorch module that never sees padding. */
function expectGolden<Options>(name: string, make: (options: ReaderGolden<Options>['options']) => HistoryReader): void {
  const golden = readGolden<ReaderGolden<Options>>(import.meta.url, name);
  const reader = make(golden.options);
  importParameters(reader.parameters, goldenTensors(golden.weights));
  tidy(() => {
    const [target, history] = [tensor2d(golden.target), tensor3d(golden.history)];
    const [mask, sameCategory] = [tensor2d(golden.mask), tensor2d(golden.sameCategory)];
    const read = (target: Tensor, history: Tensor) => {
      const inputs = { features: {}, target, history, mask, sameCategory };
      return reader.forwardTraining?.(inputs) ?? { vectors: reader.forward(inputs) };
    };
    const loss = (target: Tensor, history: Tensor): Scalar => {
      const { vectors, auxiliaryLoss } = read(target, history);
      const ofVectors = sum(mul(vectors, tensor2d(golden.upstream))) as Scalar;
      return auxiliaryLoss === undefined ? ofVectors : add(ofVectors, auxiliaryLoss);
    };
    const { vectors, auxiliaryLoss } = read(target, history);
    expect(vectors).toBeAllClose(golden.output, { atol: 1e-5, rtol: 1e-5 });
    expect(auxiliaryLoss === undefined).toBe(golden.auxiliaryLoss === undefined);
    if (auxiliaryLoss !== undefined) expect(auxiliaryLoss).toBeAllClose([golden.auxiliaryLoss!], { atol: 1e-5 });
    expectGoldenGradients(() => loss(target, history), reader.parameters, golden.gradients);
    const [ofTarget, ofHistory] = grads(loss)([target, history]);
    expect(ofTarget!).toBeAllClose(golden.targetGradient, { atol: 2e-5, rtol: 1e-3 });
    expect(ofHistory!).toBeAllClose(golden.historyGradient, { atol: 2e-5, rtol: 1e-3 });
  });
  reader.dispose();
}

describe('output and gradients of a PyTorch module', () => {
  it.each(['din-prelu', 'din-dice', 'din-sigmoid-softmax'])('%s', (name) => {
    expectGolden<DinOptions>(name, (options) => new Din({ ...options, seed: 1 }));
  });

  it('dien', () => {
    expectGolden<DienOptions>('dien', (options) => new Dien({ ...options, seed: 1 }));
  });

  it.each(['sim-hard', 'sim-soft', 'sim-pooled'])('%s', (name) => {
    expectGolden<SimOptions>(name, (options) => new Sim({ ...options, seed: 1 }));
  });
});

/** Inputs without padding, in which two of three items share a category with the target. */
function inputsOf(batch: number, length: number, dim: number) {
  const sameCategory = tensor2d(
    Array.from({ length: batch * length }, (_, i) => (i % 3 === 1 ? 0 : 1)),
    [batch, length],
  );
  const [target, history] = [normal([batch, dim], 1), normal([batch, length, dim], 2)];
  return { target, history, mask: ones([batch, length]), sameCategory };
}

it('MeanPooling returns the mean of the items that are not padding, and zeros without one', () => {
  const reader = new MeanPooling({ dim: 2 });
  tidy(() => {
    const history = tensor3d([
      [
        [1, 2],
        [9, 9],
        [3, 6],
      ],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ]);
    const mask = tensor2d([
      [1, 0, 1],
      [0, 0, 0],
    ]);
    expect(reader.forward({ history, mask })).toBeAllClose([2, 4, 0, 0]);
  });
});

/** The same inputs in another order. */
function reordered<I extends ReturnType<typeof inputsOf>>(inputs: I, order: readonly number[]): I {
  const at = tensor1d([...order], 'int32');
  const [history, sameCategory] = [gather(inputs.history, at, 1), gather(inputs.sameCategory, at, 1)];
  return { ...inputs, history, sameCategory };
}

describe('a low-rank adapter', () => {
  it.each([
    ['Din', () => new Din({ dim: 4, seed: 1 })],
    ['Dien', () => new Dien({ dim: 4, seed: 1 })],
    ['Sim', () => new Sim({ dim: 4, heads: 2, top: 3, search: { kind: 'soft' }, seed: 1 })],
  ] as const)('changes %s through each of its Linears, merged or not', (_, make) => {
    const plain: HistoryReader = make();
    const targets = [...namedModules(plain)].filter(([, inner]) => inner instanceof Linear).map(([path]) => path);
    for (const target of targets) {
      const adapter = new LowRankAdapter<HistoryReader>(make(), { rank: 1, seed: 2, targets: [target] });
      tidy(() => {
        const inputs = {
          features: {},
          target: normal([2, 4], 3),
          history: normal([2, 5, 4], 4),
          mask: ones([2, 5]),
        };
        for (const factor of adapter.parameters.values()) factor.assign(normal(factor.shape, 5));
        const adapted = adapter.module.forward(inputs);
        expect(adapted, target).not.toBeAllClose(plain.forward(inputs), { atol: 1e-3 });
        adapter.merge();
        expect(adapter.module.forward(inputs), target).toBeAllClose(adapted, { atol: 1e-4 });
      });
      adapter.dispose();
    }
    plain.dispose();
  });
});

describe('Din', () => {
  it('adds up interest by default: a history that repeats reads twice as much. A softmax does not', () => {
    for (const [kind, factor] of [
      ['sum', 2],
      ['softmax', 1],
    ] as const) {
      const reader = new Din({ dim: 4, pooling: { kind }, seed: 1 });
      tidy(() => {
        const inputs = inputsOf(2, 5, 4);
        const twice = { ...inputs, history: concat([inputs.history, inputs.history], 1), mask: ones([2, 10]) };
        expect(reader.forward(twice)).toBeAllClose(mul(reader.forward(inputs), factor), { atol: 1e-5 });
      });
      reader.dispose();
    }
  });

  it('does not depend on the order of the history', () => {
    const reader = new Din({ dim: 4, seed: 1 });
    tidy(() => {
      const inputs = inputsOf(2, 5, 4);
      expect(reader.forward(reordered(inputs, [3, 1, 4, 0, 2]))).toBeAllClose(reader.forward(inputs), { atol: 1e-5 });
    });
    reader.dispose();
  });
});

describe('Dien', () => {
  it('depends on the order of the history', () => {
    const reader = new Dien({ dim: 4, seed: 1 });
    tidy(() => {
      const inputs = inputsOf(2, 5, 4);
      const reversed = { ...inputs, history: reverse(inputs.history, 1) };
      expect(reader.forward(reversed)).not.toBeAllClose(reader.forward(inputs), { atol: 1e-3 });
    });
    reader.dispose();
  });

  it('takes the other item of its auxiliary loss from another row, at every batch size', () => {
    const reader = new Dien({ dim: 4, seed: 1 });
    tidy(() => {
      const { target, history, mask, sameCategory } = inputsOf(5, 5, 4);
      const lossOf = (...rows: readonly number[]) => {
        const at = tensor1d([...rows], 'int32');
        const [targets, histories] = [gather(target, at), gather(history, at)];
        const inputs = { target: targets, history: histories, mask: gather(mask, at), sameCategory };
        return reader.forwardTraining(inputs).auxiliaryLoss?.dataSync()[0];
      };
      expect(lossOf(0)).toBe(undefined);
      for (const rows of [
        [0, 1],
        [0, 1, 2],
        [0, 1, 2, 3],
        [0, 1, 2, 3, 4],
      ]) {
        // The loss of rows that lend to themselves: each beside its equal.
        const ofThemselves = rows.reduce((total, row) => total + lossOf(row, row)! / rows.length, 0);
        expect(ofThemselves).toBeGreaterThanOrEqual(2 * Math.LN2); // −log σ(x) − log(1 − σ(x)) is least at x = 0.
        expect(Math.abs(lossOf(...rows)! - ofThemselves)).toBeGreaterThan(1e-3);
      }
    });
    reader.dispose();
  });

  it('counts no step of a pair of rows of which one has a single item', () => {
    const reader = new Dien({ dim: 4, seed: 1 });
    tidy(() => {
      const mask = tensor2d([
        [1, 0, 0],
        [0, 0, 0],
      ]);
      expect(reader.forwardTraining({ ...inputsOf(2, 3, 4), mask }).auxiliaryLoss!).toBeAllClose([0]);
    });
    reader.dispose();
  });

  it('has no auxiliary loss with a weight of 0, and one in proportion to its weight', () => {
    const [off, once, twice] = [0, 1, 2].map((auxiliaryWeight) => new Dien({ dim: 4, auxiliaryWeight, seed: 1 }));
    tidy(() => {
      const inputs = inputsOf(2, 5, 4);
      expect(off!.forwardTraining(inputs).auxiliaryLoss).toBe(undefined);
      const [one, two] = [once!, twice!].map((reader) => reader.forwardTraining(inputs));
      expect(two!.auxiliaryLoss!).toBeAllClose(mul(one!.auxiliaryLoss!, 2));
      expect(one!.vectors).toBeAllClose(once!.forward(inputs));
    });
    for (const reader of [off!, once!, twice!]) reader.dispose();
  });
});

describe('Sim', () => {
  const ITEMS = [
    [1, 0],
    [3, 0],
    [2, 5],
    [-1, 7],
  ];

  it('finds items of the category, the most recent first', () => {
    const reader = new Sim({ dim: 2, search: { kind: 'hard' }, top: 2, heads: 1, seed: 1 });
    tidy(() => {
      const found = reader.search({
        target: tensor2d([[1, 0]]),
        history: tensor3d([ITEMS]),
        mask: tensor2d([[1, 1, 1, 1]]),
        sameCategory: tensor2d([[0, 1, 1, 1]]),
      });
      expect(found.items).toBeAllClose([3, 0, 2, 5]);
      expect(found.mask).toBeAllClose([1, 1]);
    });
    reader.dispose();
  });

  it('finds items by inner product, the largest first, never padding', () => {
    const reader = new Sim({ dim: 2, search: { kind: 'soft' }, top: 3, heads: 1, seed: 1 });
    tidy(() => {
      const found = reader.search({
        target: tensor2d([[1, 0]]),
        history: tensor3d([ITEMS]),
        mask: tensor2d([[1, 0, 1, 0]]),
      });
      expect(slice(found.items, [0, 0, 0], [1, 2, 2])).toBeAllClose([2, 5, 1, 0]);
      expect(slice(found.relevance, [0, 0], [1, 2])).toBeAllClose([2, 1]);
      expect(found.mask).toBeAllClose([1, 1, 0]);
    });
    reader.dispose();
  });

  it.each([{ kind: 'hard' }, { kind: 'soft' }] as const)(
    'reads what it found as it would read a history of that alone ($kind)',
    (search) => {
      const reader = new Sim({ dim: 4, search, top: 3, heads: 2, seed: 1 });
      tidy(() => {
        const inputs = inputsOf(2, 12, 4);
        const { items, mask } = reader.search(inputs);
        const alone = { target: inputs.target, history: items, mask, sameCategory: mask };
        expect(reader.forward(alone)).toBeAllClose(reader.forward(inputs), { atol: 1e-5 });
      });
      reader.dispose();
    },
  );

  it('with hard search, reads zeros if no item has the category, and refuses inputs without categories', () => {
    const reader = new Sim({ dim: 4, search: { kind: 'hard' }, seed: 1 });
    tidy(() => {
      const { sameCategory, ...inputs } = inputsOf(2, 5, 4);
      expect(reader.forward({ ...inputs, sameCategory: mul(sameCategory, 0) })).toBeAllClose(zeros([2, 16]));
      expect(() => reader.forward(inputs)).toThrow(
        new TypeError('Sim.forward: expected sameCategory [2, 5] for hard search, got undefined'),
      );
      expect(() => reader.search({ ...inputs, sameCategory: zeros([2, 4]) })).toThrow(
        'Sim.search: sameCategory: expected [2, 5], got [2, 4]',
      );
    });
    reader.dispose();
  });
});

describe('Din', () => {
  it.each(['prelu', 'dice', 'sigmoid'] as const)('with %s reads its weights as they are at each call', (kind) => {
    const [used, fresh] = [1, 2].map((seed) => new Din({ dim: 3, hiddenDims: [4], activation: { kind }, seed }));
    tidy(() => {
      const inputs = { target: normal([2, 3], 1), history: normal([2, 5, 3], 2), mask: ones([2, 5]) };
      used!.forward(inputs); // A kernel that keeps what it saw here would use it below.
      let seed = 3;
      for (const [path, variable] of used!.parameters) {
        const value = normal(variable.shape, seed++);
        variable.assign(value);
        fresh!.parameters.get(path)!.assign(value);
      }
      expect(used!.forward(inputs)).toBeAllClose(fresh!.forward(inputs), { atol: 1e-6 });
    });
    used!.dispose();
    fresh!.dispose();
  });
});
