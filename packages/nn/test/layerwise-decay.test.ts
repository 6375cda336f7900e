import { AdamW, collectParameters, Linear, layerwiseDecay, Transformer } from '@sifaka/nn';
import { onesLike, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

function makeStack() {
  const embedding = new Linear({ inputDim: 3, outputDim: 4, seed: 1 });
  const transformer = new Transformer({ dim: 4, depth: 3, heads: 2, hiddenDim: 4, seed: 2 });
  const parameters = collectParameters({ embedding, transformer });
  const dispose = () => {
    embedding.dispose();
    transformer.dispose();
  };
  return { parameters, embedding, blocks: transformer.blocks, dispose };
}

/** decay^d with d = 0 above the blocks, 1 … 3 for the blocks from the top, 4 for the embedding. */
function depthOf(path: string): number {
  if (path.startsWith('embedding')) return 4;
  const block = /^transformer\.blocks\.(\d)/.exec(path);
  return block === null ? 0 : 3 - Number(block[1]);
}

describe('layerwiseDecay', () => {
  it('is decay^d for a layer d below the top', () => {
    const stack = makeStack();
    const scales = layerwiseDecay(stack, 0.5);
    expect([...scales.keys()]).toEqual([...stack.parameters.keys()]);
    expect([...scales]).toEqual([...stack.parameters.keys()].map((path) => [path, 0.5 ** depthOf(path)]));
    expect(new Set(scales.values())).toEqual(new Set([1, 1 / 2, 1 / 4, 1 / 8, 1 / 16]));
    stack.dispose();
  });

  it('gives the steps of AdamW: the first one moves each weight by the learning rate times decay^d', () => {
    const stack = makeStack();
    const scales = layerwiseDecay(stack, 0.5);
    const optimizer = new AdamW(stack.parameters, {
      weightDecay: 0,
      group: (path) => ({ learningRateScale: scales.get(path)! }),
    });
    tidy(() => {
      const before = new Map([...stack.parameters].map(([path, variable]) => [path, variable.clone()]));
      const gradients = new Map([...stack.parameters].map(([path, variable]) => [path, onesLike(variable as Tensor)]));
      optimizer.apply(gradients, { learningRate: 0.1 });
      for (const [path, variable] of stack.parameters) {
        const moved = sub(before.get(path)!, variable as Tensor);
        expect(moved, path).toBeAllClose(new Float32Array(variable.size).fill(0.1 * 0.5 ** depthOf(path)), {
          atol: 1e-6,
        });
      }
    });
    optimizer.dispose();
    stack.dispose();
  });

  it('refuses a decay outside (0, 1]', () => {
    const stack = makeStack();
    for (const decay of [0, -1, 1.5, Number.NaN]) {
      expect(() => layerwiseDecay(stack, decay)).toThrow(/^layerwiseDecay: expected decay/);
    }
    expect(new Set(layerwiseDecay(stack, 1).values())).toEqual(new Set([1]));
    stack.dispose();
  });
});
