// Steps of LightGCN on a graph of the size of Amazon Baby, with the optimizer of @sifaka/retrieval.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AdamW, importParameters, readSafetensors } from '@sifaka/nn';
import { groupByUser, LightGcn } from '@sifaka/retrieval';
import { variableGrads } from '@tensorflow/tfjs-core';

export function setUp({ folder, steps }) {
  const { tensors } = readSafetensors(readFileSync(path.join(folder, 'light-gcn.safetensors')));
  const read = (name) => tensors.get(name).data;
  const [numUsers, numItems] = read('sizes');
  const train = groupByUser(numUsers, read('edges.users'), read('edges.items'));
  const model = new LightGcn({ data: { numUsers, numItems, train }, seed: 1 });
  importParameters(model.parameters, tensors);
  const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
  const [count, size] = tensors.get('batches.users').shape;
  const batch = (name, i) => read(`batches.${name}`).subarray(i * size, (i + 1) * size);
  const batches = Array.from({ length: count }, (_, i) => ({
    users: batch('users', i),
    positives: batch('positives', i),
    negatives: batch('negatives', i),
  }));
  const [[name, embeddings]] = model.parameters;
  let step = 0;
  const runStep = () => {
    const { value, grads } = variableGrads(() => model.loss(batches[step++ % count]), [embeddings]);
    const gradient = grads[embeddings.name];
    optimizer.apply(new Map([[name, gradient]]), { learningRate: 1e-3 });
    const [loss] = value.dataSync();
    value.dispose();
    gradient.dispose();
    return loss;
  };
  const run = () => {
    for (let i = 0; i < steps; i++) runStep();
  };
  return {
    run,
    check: () => ({ loss: runStep(), lossAfterOneStep: runStep() }),
    dispose: () => {
      optimizer.dispose();
      model.dispose();
    },
  };
}
