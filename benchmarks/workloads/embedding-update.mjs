// One update of nn's EmbeddingTable by a batch of ids: look-up, gradient, and Adam on the rows of the batch.
import { EmbeddingTable } from '@sifaka/nn';
import { mean, scalar, squaredDifference, tidy, variableGrads } from '@tensorflow/tfjs-core';

const DIM = 16;
const IDS = 4096;
const DISTINCT = 2048;
const TARGET = 0.5;

export function setUp({ rows }) {
  const table = new EmbeddingTable({ size: rows, dim: DIM, seed: 1 });
  table.values.fill(0.01); // the same on both sides, without a file of gigabytes
  const ids = Int32Array.from({ length: IDS }, (_, i) => Math.floor(((i % DISTINCT) * rows) / DISTINCT));
  const run = () => {
    const borrowed = table.borrow(ids);
    const { value, grads } = variableGrads(
      () => tidy(() => mean(squaredDifference(borrowed.gather(), scalar(TARGET)))),
      [borrowed.values],
    );
    const gradient = grads[borrowed.values.name];
    table.update(borrowed, gradient.dataSync(), { learningRate: 0.01 });
    const [loss] = value.dataSync();
    for (const tensor of [value, gradient]) tensor.dispose();
    borrowed.dispose();
    return loss;
  };
  return { run, check: () => ({ loss: run(), lossAfterOneStep: run() }) };
}
