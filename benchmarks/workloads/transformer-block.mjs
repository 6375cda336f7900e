// A training step of one transformer block of @sifaka/nn: forward, backward, AdamW.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AdamW, importParameters, readSafetensors, TransformerBlock } from '@sifaka/nn';
import { mean, squaredDifference, tensor3d, tidy, variableGrads } from '@tensorflow/tfjs-core';
import { BLOCK_SIZES } from '../inputs/transformer-block.mjs';

export function setUp({ folder, size }) {
  const { batch, tokens, dim, heads } = BLOCK_SIZES[size];
  const { tensors } = readSafetensors(readFileSync(path.join(folder, `transformer-block-${size}.safetensors`)));
  const block = new TransformerBlock({ dim, heads, seed: 1 });
  importParameters(block.parameters, tensors);
  const optimizer = new AdamW(block.parameters, { weightDecay: 0.01 });
  const [input, target] = ['input', 'target'].map((name) =>
    tensor3d(tensors.get(`data.${name}`).data, [batch, tokens, dim]),
  );
  const variables = [...block.parameters.values()];

  const run = async () => {
    const { value, grads } = variableGrads(
      () => tidy(() => mean(squaredDifference(block.forward(input), target))),
      variables,
    );
    const gradients = new Map([...block.parameters].map(([path, { name }]) => [path, grads[name]]));
    optimizer.apply(gradients, { learningRate: 1e-3 });
    for (const gradient of gradients.values()) gradient.dispose();
    const [loss] = await value.data(); // waits for engines that compute asynchronously
    value.dispose();
    return loss;
  };
  return {
    run,
    check: async () => ({ loss: await run(), lossAfterOneStep: await run() }),
    dispose: () => {
      optimizer.dispose();
      block.dispose();
      for (const tensor of [input, target]) tensor.dispose();
    },
  };
}
