import { causalBias, LowRankAdapter, paddingBias, recompute, runBlocks, Transformer, withoutTape } from '@sifaka/nn';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  engine,
  grad,
  memory,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor,
  tensor2d,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const EXACTLY = { atol: 0, rtol: 0 };
const make = (depth = 3) => new Transformer({ dim: 8, depth, heads: 2, seed: 1 });

/** Gradients by name of `Σ output ⊙ upstream`, and its value. */
function gradientsOf(transformer: Transformer, variables: readonly Variable[], again: boolean) {
  const x = normal([2, 5, 8], 2);
  const bias = paddingBias(tensor2d([1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [2, 5]));
  const upstream = normal([2, 5, 8], 3);
  return variableGrads(
    () => sum(mul(transformer.forward(x, { bias, recompute: again }), upstream)) as Scalar,
    [...variables],
  );
}

describe('runBlocks with recompute', () => {
  it('gives the same output and the same gradients', () => {
    const transformer = make();
    tidy(() => {
      const variables = [...transformer.parameters.values()];
      const [plain, again] = [false, true].map((each) => gradientsOf(transformer, variables, each));
      expect(again!.value).toBeAllClose(plain!.value, EXACTLY);
      expect(Object.keys(again!.grads)).toEqual(Object.keys(plain!.grads));
      for (const [name, gradient] of Object.entries(plain!.grads)) {
        expect(again!.grads[name]!).toBeAllClose(gradient, { atol: 1e-6, rtol: 1e-6 });
      }
    });
    transformer.dispose();
  });

  it('keeps a bias that is disposed after the forward pass', () => {
    const transformer = make(2);
    tidy(() => {
      const x = normal([2, 5, 8], 2);
      const [plain, again] = [false, true].map((each) =>
        variableGrads(
          () => sum(square(tidy(() => transformer.forward(x, { bias: causalBias(5), recompute: each })))) as Scalar,
          [...transformer.parameters.values()],
        ),
      );
      for (const [name, gradient] of Object.entries(plain!.grads)) {
        expect(again!.grads[name]!).toBeAllClose(gradient, { atol: 1e-6, rtol: 1e-6 });
      }
    });
    transformer.dispose();
  });

  it('passes the gradient to its input, which finite differences confirm', () => {
    const transformer = make(2);
    tidy(() => {
      const upstream = normal([1, 3, 8], 4);
      const forward = (x: Tensor) => runBlocks(transformer.blocks, x, { recompute: true });
      checkGradient((x) => sum(mul(forward(x!), upstream)) as Scalar, [normal([1, 3, 8], 5)]);
    });
    transformer.dispose();
  });

  it('gives the gradients of low-rank updates', () => {
    const adapter = new LowRankAdapter(make(), { rank: 2, targets: ['query', 'value'], seed: 2 });
    tidy(() => {
      const factors = [...adapter.parameters.values()];
      factors.forEach((factor, i) => {
        factor.assign(normal(factor.shape, 10 + i, { deviation: 0.3 }));
      });
      const [plain, again] = [false, true].map((each) => gradientsOf(adapter.module, factors, each).grads);
      expect(Object.keys(again!)).toHaveLength(factors.length);
      for (const { name } of factors) {
        expect(again![name]!).toBeAllClose(plain![name]!, { atol: 1e-6, rtol: 1e-6 });
      }
    });
    adapter.dispose();
  });

  it('computes no gradient of variables that do not learn', () => {
    const transformer = make();
    const [frozen, free] = [transformer.blocks[1]!, transformer.blocks[2]!];
    for (const variable of frozen.parameters.values()) variable.trainable = false;
    tidy(() => {
      const variables = [...free.parameters.values()];
      const [plain, again] = [false, true].map((each) => gradientsOf(transformer, variables, each).grads);
      for (const { name } of variables) expect(again![name]!).toBeAllClose(plain![name]!, { atol: 1e-6, rtol: 1e-6 });
    });
    transformer.dispose();
  });

  it('keeps the inputs of the blocks only, so that the most memory of a step is lower', () => {
    const transformer = make(6);
    const variables = [...transformer.parameters.values()];
    const [plain, again] = [false, true].map((each) => {
      let atTheTop = 0;
      tidy(() => {
        const x = normal([4, 16, 8], 2);
        const before = memory().numBytes;
        variableGrads(() => {
          const output = transformer.forward(x, { recompute: each });
          atTheTop = memory().numBytes - before;
          return sum(square(output)) as Scalar;
        }, variables);
      });
      return atTheTop;
    });
    const input = 4 * 16 * 8 * 4;
    expect(plain!).toBeGreaterThan(6 * 8 * input);
    // Output and input of each block, and what the final norm keeps.
    expect(again!).toBeLessThan(6 * 3 * input + 8 * input);
    transformer.dispose();
  });

  it('leaves nothing behind if a block fails in the backward pass', () => {
    const [x, before] = [normal([2, 2], 1), memory().numTensors];
    let calls = 0;
    const failing = (input: Tensor) => {
      calls++;
      if (calls > 1) throw new Error('out of memory');
      return square(input);
    };
    expect(() => grad((each: Tensor) => sum(recompute(each, [], failing)))(x)).toThrow('out of memory');
    const { state } = engine();
    expect(state.gradientDepth).toBe(0);
    for (const node of state.activeTape!) for (const tensor of node.saved!) tensor.dispose();
    state.activeTape = [];
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });
});

describe('withoutTape', () => {
  it('makes constants, and keeps nothing of how they were computed', () => {
    const x = normal([3], 1);
    const before = memory().numTensors;
    const gradient = grad((each: Tensor) => {
      const atStart = memory().numTensors;
      const constant = withoutTape(() => square(square(square(each))));
      expect(memory().numTensors).toBe(atStart + 1);
      return sum(mul(each, constant));
    })(x);
    tidy(() => {
      expect(gradient).toBeAllClose(square(square(square(x))));
    });
    gradient.dispose();
    expect(memory().numTensors).toBe(before);
    expect(() =>
      withoutTape(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(engine().state.kernelDepth).toBe(0);
    x.dispose();
  });
});
