import { EngineError, useEngine } from '@sifaka/backend';
import { getBackend, grad, mean, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('useEngine', () => {
  it('starts the named engine and says what it is', async () => {
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

  it('refuses a name it does not know, naming those it does', async () => {
    await expect(useEngine('cuda' as 'wasm')).rejects.toThrow(/Engine cuda: expected one of auto, tensorflow-gpu/);
    await expect(useEngine('cuda' as 'wasm')).rejects.toSatisfy(EngineError.isInstance);
  });
});
