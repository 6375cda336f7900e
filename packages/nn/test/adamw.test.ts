import { AdamW, type AdamWOptions, globalNorm, type NamedParameters, parameter } from '@sifaka/nn';
import { readGolden } from '@sifaka/test-kit';
import { dispose, memory, scalar, type Tensor, tensor, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

type Nested = number[] | number[][];

interface Golden {
  readonly options: Required<Omit<AdamWOptions, 'group'>>;
  readonly learningRateScale: Readonly<Record<string, number>>;
  readonly start: Readonly<Record<string, Nested>>;
  readonly steps: readonly {
    readonly learningRate: number;
    readonly gradients: Readonly<Record<string, Nested>>;
    readonly parameters: Readonly<Record<string, Nested>>;
  }[];
}

const golden = readGolden<Golden>(import.meta.url, 'adamw');

function parametersOf(values: Readonly<Record<string, Nested | number>>): NamedParameters {
  return new Map(Object.entries(values).map(([path, value]) => [path, parameter(() => tensor(value))]));
}

function apply(
  optimizer: AdamW,
  gradients: Readonly<Record<string, Nested | number>>,
  options: Parameters<AdamW['apply']>[1],
): void {
  tidy(() => {
    optimizer.apply(new Map(Object.entries(gradients).map(([path, value]) => [path, tensor(value)])), options);
  });
}

function disposeAll(optimizer: AdamW, parameters: NamedParameters): void {
  optimizer.dispose();
  dispose([...parameters.values()]);
}

describe('AdamW', () => {
  it('equals torch.optim.AdamW with decay on matrices only, a rate per path and missing gradients', () => {
    const parameters = parametersOf(golden.start);
    const optimizer = new AdamW(parameters, {
      ...golden.options,
      group: (path) => ({ learningRateScale: golden.learningRateScale[path]! }),
    });
    for (const { learningRate, gradients, parameters: expected } of golden.steps) {
      apply(optimizer, gradients, { learningRate });
      for (const [path, variable] of parameters) expect(variable).toBeAllClose(expected[path]!, { atol: 2e-6 });
    }
    const given = (path: string) => golden.steps.map(({ gradients }) => (path in gradients ? 1 : 0));
    expect(given('weight')).toEqual([1, 1, 0, 0, 1]);
    expect(given('slow')).toEqual([0, 1, 0, 1, 1]);
    expect(optimizer.updates).toBe(golden.steps.length);
    disposeAll(optimizer, parameters);
  });

  it('moves every weight by the learning rate against the sign of its first gradient', () => {
    const parameters = parametersOf({ bias: [1, 1, 1], temperature: 2 });
    const optimizer = new AdamW(parameters);
    apply(optimizer, { bias: [300, -0.002, 0], temperature: -5 }, { learningRate: 0.1 });
    expect(parameters.get('bias')!).toBeAllClose([0.9, 1.1, 1], { atol: 1e-5 });
    expect(parameters.get('temperature')!).toBeAllClose([2.1]);
    disposeAll(optimizer, parameters);
  });

  it('leaves a parameter without a gradient as it is, whatever moments it has', () => {
    const parameters = parametersOf({ weight: [[1, -2]], never: [[3, 4]], bias: [3] });
    const optimizer = new AdamW(parameters, { weightDecay: 0.5 });
    apply(optimizer, { weight: [[1, 1]], bias: [1] }, { learningRate: 0.1 });
    const [moved, state] = [parameters.get('weight')!.arraySync(), optimizer.state()];
    apply(optimizer, { bias: [1] }, { learningRate: 0.1 });
    apply(optimizer, {}, { learningRate: 0.1 });
    expect(parameters.get('weight')!.arraySync()).toEqual(moved);
    expect(parameters.get('never')!.arraySync()).toEqual([[3, 4]]);
    const later = optimizer.state();
    expect(later.firstMoment.subarray(0, 4)).toEqual(state.firstMoment.subarray(0, 4));
    expect([...later.updates]).toEqual([1, 0, 2]);
    expect(optimizer.updates).toBe(2);
    disposeAll(optimizer, parameters);
  });

  it('keeps no moments of parameters that never had a gradient', () => {
    const parameters = parametersOf({
      read: [[1, 2, 3]],
      unread: [
        [1, 2],
        [3, 4],
      ],
    });
    const before = memory().numBytes;
    const optimizer = new AdamW(parameters);
    optimizer.apply(new Map(), { learningRate: 0.1 });
    expect(memory().numBytes).toBe(before);
    expect(optimizer.state().firstMoment).toEqual(new Float32Array(7));
    disposeAll(optimizer, parameters);
  });

  it('gives each group its own rate and decay', () => {
    const parameters = parametersOf({ 'low.weight': [[4]], 'low.bias': [4], 'high.weight': [[4]] });
    const optimizer = new AdamW(parameters, {
      weightDecay: 0.5,
      group: (path) => (path.startsWith('low') ? { learningRateScale: 0.1, weightDecay: 2 } : {}),
    });
    apply(optimizer, { 'low.weight': [[3]], 'low.bias': [3], 'high.weight': [[3]] }, { learningRate: 0.1 });
    // The first step of Adam moves by the rate: θ − η s (1 + λ θ), and biases have λ = 0.
    expect(parameters.get('low.weight')!).toBeAllClose([[4 - 0.01 * (1 + 2 * 4)]], { atol: 1e-6 });
    expect(parameters.get('low.bias')!).toBeAllClose([4 - 0.01], { atol: 1e-6 });
    expect(parameters.get('high.weight')!).toBeAllClose([[4 - 0.1 * (1 + 0.5 * 4)]], { atol: 1e-6 });
    disposeAll(optimizer, parameters);
  });

  it('freezes parameters with a rate of 0, which have no moments', () => {
    const parameters = parametersOf({ frozen: [[1, 2]], free: [[1, 2, 3]] });
    const before = memory().numBytes;
    const optimizer = new AdamW(parameters, {
      group: (path) => (path === 'frozen' ? { learningRateScale: 0 } : {}),
    });
    expect(memory().numBytes).toBe(before);
    expect(optimizer.state().firstMoment).toHaveLength(3);
    apply(optimizer, { frozen: [[1, 1]], free: [[1, 1, 1]] }, { learningRate: 0.1 });
    expect(parameters.get('frozen')!).toBeAllClose([[1, 2]], { atol: 0, rtol: 0 });
    expect(parameters.get('free')!).not.toBeAllClose([[1, 2, 3]]);
    disposeAll(optimizer, parameters);
  });

  it('treats scaled gradients like smaller ones', () => {
    const models = [0.25, 1].map((gradientScale) => {
      const parameters = parametersOf(golden.start);
      const optimizer = new AdamW(parameters, { epsilon: 0.1 });
      const slope = gradientScale === 1 ? [0.5, -1] : [2, -4];
      apply(optimizer, { bias: slope }, { learningRate: 0.1, gradientScale });
      return { parameters, optimizer };
    });
    const [scaled, plain] = models.map(({ parameters }) => parameters.get('bias')!);
    expect(scaled!).toBeAllClose(plain!);
    for (const { parameters, optimizer } of models) disposeAll(optimizer, parameters);
  });

  it('adds epsilon to the corrected root: the first step is η g / (|g| + ε)', () => {
    const parameters = parametersOf({ weight: [[1, 2]] });
    const optimizer = new AdamW(parameters, { epsilon: 0.5, weightDecay: 0 });
    apply(optimizer, { weight: [[0.5, -1.5]] }, { learningRate: 0.1 });
    expect(parameters.get('weight')!).toBeAllClose([[1 - 0.1 * 0.5, 2 + 0.1 * 0.75]], { atol: 1e-6 });
    disposeAll(optimizer, parameters);
  });

  it.each([1, 2, 3, 4])('continues from a state after %i steps exactly like an uninterrupted run', (done) => {
    const straight = parametersOf(golden.start);
    const first = new AdamW(straight, golden.options);
    for (const step of golden.steps.slice(0, done)) apply(first, step.gradients, step);
    const state = first.state();
    const resumed: NamedParameters = new Map(
      [...straight].map(([path, value]) => [path, parameter(() => value.clone())]),
    );
    const second = new AdamW(resumed, golden.options);
    apply(second, golden.steps[1]!.gradients, { learningRate: 0 }); // It has a state of its own to forget.
    second.restore(state);
    for (const step of golden.steps.slice(done)) {
      apply(first, step.gradients, step);
      apply(second, step.gradients, step);
    }
    for (const [path, variable] of straight) expect(resumed.get(path)!).toBeAllClose(variable, { atol: 0, rtol: 0 });
    expect(second.state()).toEqual(first.state());
    expect(first.updates).toBe(golden.steps.length);
    disposeAll(first, straight);
    disposeAll(second, resumed);
  });

  it('refuses a state of another model or a gradient of another shape, and changes nothing', () => {
    const parameters = parametersOf({ weight: [[1, 2]] });
    const optimizer = new AdamW(parameters);
    const state = { updates: 1, firstMoment: new Float32Array(3), secondMoment: new Float32Array(3) };
    expect(() => optimizer.restore(state)).toThrow('AdamW.restore: expected moments of 2 weights, got 3');
    const moments = { firstMoment: new Float32Array(2), secondMoment: new Float32Array(2) };
    expect(() => optimizer.restore({ ...moments, updates: new Int32Array(2) })).toThrow(
      'AdamW.restore: expected updates of 1 parameters, got 2',
    );
    expect(() => optimizer.restore({ ...moments, updates: Int32Array.of(-1) })).toThrow(
      'AdamW.restore: expected updates of weight to be a whole number from 0, got -1',
    );
    expect(() => apply(optimizer, { weight: [[1], [2]] }, { learningRate: 0.1 })).toThrow(
      'AdamW.apply: the gradient of weight: expected [1, 2], got [2, 1]',
    );
    expect(optimizer.updates).toBe(0);
    expect(parameters.get('weight')!).toBeAllClose([[1, 2]]);
    disposeAll(optimizer, parameters);
  });

  it('does nothing without parameters, and may be disposed twice', () => {
    const optimizer = new AdamW(new Map());
    optimizer.apply(new Map(), { learningRate: 1 });
    expect(optimizer.updates).toBe(0);
    optimizer.dispose();
    optimizer.dispose();
  });
});

describe('globalNorm', () => {
  it('is the length of all gradients as one vector', () => {
    const gradients: Tensor[] = [tensor1d([3, 0]), tensor([[4], [0]]), scalar(-12), zeros([2, 2])];
    expect(globalNorm(gradients)).toBeCloseTo(13, 5);
    expect(globalNorm([])).toBe(0);
    dispose(gradients);
  });
});
