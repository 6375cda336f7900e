// One update of an embedding table by a batch of ids, by nn's EmbeddingTable: look up, gradient, Adam on the rows that were touched.
import { EmbeddingTable } from '@sifaka/nn';
import { mean, scalar, squaredDifference, tidy, variableGrads } from '@tensorflow/tfjs-core';

const DIM = 16;
const IDS = 4096;
const DISTINCT = 2048;
const TARGET = 0.5;

export function setUp({ rows }) {
  const table = new EmbeddingTable({ size: rows, dim: DIM, seed: 1 });
  table.values.fill(0.01); // The same start on both sides, without a file of gigabytes.
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
