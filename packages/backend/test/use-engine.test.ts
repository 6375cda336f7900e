import { EngineError, registerWasmKernels, useEngine } from '@sifaka/backend';
import { fill, getBackend, getKernel, getKernelsForBackend, grad, mean, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { printedDuring } from './printed-during.js';

describe('useEngine', () => {
  it('starts the named engine and describes it', async () => {
    const report = await useEngine('wasm');
    expect(getBackend()).toBe('wasm');
    expect(report).toMatchObject({ name: 'wasm', packageName: '@tensorflow/tfjs-backend-wasm', version: '4.22.0' });
    expect(report.passedOver).toEqual([]);
  });

  it('registers gradients', async () => {
    await useEngine('wasm');
    tidy(() => {
      expect(grad((x) => mean(x))(tensor1d([1, 2, 3, 4]))).toBeAllClose([0.25, 0.25, 0.25, 0.25]);
    });
  });

  it('auto starts something, and gives one line and a command for each engine it passed over', async () => {
    const { name, passedOver } = await useEngine('auto');
    expect(name).not.toBe('cpu');
    for (const { reason, command } of passedOver) {
      expect(reason).toMatch(/^[^\n]+$/);
      expect(command).toMatch(/^[^\n]+$/);
    }
    await useEngine('wasm');
  });

  it('prints nothing while it looks for engines', async () => {
    expect(await printedDuring(() => useEngine('auto'))).toBe('');
    await useEngine('wasm');
  });

  it('reads SIFAKA_ENGINE if no name is given', async () => {
    vi.stubEnv('SIFAKA_ENGINE', 'wasm');
    expect((await useEngine()).name).toBe('wasm');
    vi.stubEnv('SIFAKA_ENGINE', 'abacus');
    await expect(useEngine()).rejects.toThrow(/Engine abacus: expected one of auto, cuda, tensorflow-gpu/);
    vi.unstubAllEnvs();
  });

  it('refuses an unknown name and lists the known ones', async () => {
    await expect(useEngine('abacus' as 'wasm')).rejects.toThrow(
      /Engine abacus: expected one of auto, cuda, tensorflow-gpu/,
    );
    await expect(useEngine('abacus' as 'wasm')).rejects.toSatisfy(EngineError.isInstance);
  });
});

describe('registerWasmKernels', () => {
  it('changes nothing when it is called again', async () => {
    const kernels = () => getKernelsForBackend('wasm').map(({ kernelName }) => kernelName);
    const before = kernels();
    const product = getKernel('BatchMatMul', 'wasm').kernelFunc;
    await registerWasmKernels();
    expect(kernels()).toEqual(before);
    expect(getKernel('BatchMatMul', 'wasm').kernelFunc).toBe(product);
  });

  it('keeps working when the memory of the engine grows', () => {
    tidy(() => {
      const first = mean(fill([1000], 5));
      const large = fill([8_000_000], 2); // 32 MB, twice what the engine starts with
      expect(mean(large)).toBeAllClose([2]);
      expect(first).toBeAllClose([5]);
    });
  });
});
