import type { Module } from '@sifaka/nn';
import { memory, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Checks that the seed determines a module's weights, and that disposing it, even twice, leaves no tensor. */
export function expectSeededModule<M extends Module>(
  makeModule: (seed: number) => M,
  forward: (module: M) => Tensor,
): void {
  const before = memory().numTensors;
  const modules = [1, 1, 2].map(makeModule);
  tidy(() => {
    const [first, same, other] = modules.map(forward);
    expect(same!).toBeAllClose(first!, { atol: 0, rtol: 0 });
    expect(other!).not.toBeAllClose(first!, { atol: 1e-2 });
  });
  for (const module of modules) {
    module.dispose();
    module.dispose();
  }
  expect(memory().numTensors).toBe(before);
}
