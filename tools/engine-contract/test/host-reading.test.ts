import { type ContractEngine, Draw, onReference } from '@sifaka/engine-contract';
import { EmbeddingTable, globalNorm } from '@sifaka/nn';
import { memory, mul, square, sum, type Tensor, tensor, tidy, variableGrads } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { ENGINE } from './engine.js';

/** Relative tolerance of the moments and weights after three updates. */
const RELATIVE: Readonly<Record<ContractEngine, number>> = {
  cpu: 1e-6,
  wasm: 1e-5,
  tensorflow: 1e-5,
  cuda: 1e-5,
  'tensorflow-gpu': 1e-5,
  webgpu: 1e-4,
};

describe('values read on the host', () => {
  test('three updates of an embedding table equal the reference', async () => {
    const expected = await onReference(trainTable);
    const got = await trainTable();
    for (const name of ['values', 'firstMoments', 'secondMoments'] as const) {
      expect(got[name], name).toBeAllClose(expected[name], { atol: 1e-7, rtol: RELATIVE[ENGINE] });
    }
    expect(got.updates).toEqual(expected.updates);
  });

  test('globalNorm is the root of the sum of all squares', () => {
    const draw = new Draw('norm');
    const gradients = [[], [7], [3, 5], [2, 3, 4], [0, 2], [1003]].map((shape) => draw.float(shape));
    const squares = gradients.flatMap(({ values }) => Array.from(values, (value) => value ** 2));
    const tensors = gradients.map(({ values, shape }) => tensor(values, [...shape]));
    expect(globalNorm(tensors)).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b, 0)), 3);
    for (const each of tensors) each.dispose();
  });

  test('tensors can be read synchronously and asynchronously, and memory is freed', async () => {
    const before = memory().numTensors;
    const doubled = tidy(() => mul(tensor([1, 2, 3]), 2));
    expect([...doubled.dataSync()]).toEqual([2, 4, 6]);
    expect([...(await doubled.data())]).toEqual([2, 4, 6]);
    doubled.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

/** Updates with repeated ids, the unknown id, and rows that some steps skip. */
async function trainTable(): Promise<EmbeddingTable> {
  const table = new EmbeddingTable({ size: 9, dim: 4, seed: 1, deviation: 0.5 });
  for (const ids of [
    [1, 4, 1, -1],
    [4, 8],
    [1, 1, 1, 0, -1, -1],
  ]) {
    const rows = table.borrow(ids);
    const { value, grads } = variableGrads(() => sum(square(rows.gather())), [rows.values]);
    const gradient = grads[rows.values.name] as Tensor;
    table.update(rows, (await gradient.data()) as Float32Array, { learningRate: 0.1, weightDecay: 0.01 });
    for (const each of [value, gradient, rows]) each.dispose();
  }
  return table;
}
