import { EngineError, explainEngineFailure } from '@sifaka/backend';
import { backend, fill, setBackend, tensor1d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

test('wasm: a tensor that does not fit is an error, and the others keep their values', async () => {
  await setBackend('wasm');
  const { wasm } = backend() as unknown as { wasm: { _malloc(bytes: number): number; _free(address: number): void } };
  const kept = tensor1d([1, 2, 3]);
  const values = new Float32Array(1000).fill(7);
  const taken: number[] = [];
  for (let bytes = 2 ** 30; bytes >= 256; ) {
    try {
      taken.push(wasm._malloc(bytes));
    } catch {
      bytes /= 2;
    }
  }
  let thrown: unknown;
  try {
    tensor1d(values);
  } catch (error) {
    thrown = error;
  }
  expect(() => fill([1000], 1)).toThrow('WebAssembly memory is full');
  for (const address of taken) wasm._free(address);

  expect(Array.from(kept.dataSync())).toEqual([1, 2, 3]);
  kept.dispose();
  const explained = explainEngineFailure(thrown)!;
  expect(explained.engine).toBe('wasm');
  expect(explained.reason).toMatch(
    /^out of memory \(WebAssembly memory is full: expected room for 4000 bytes; the engine holds \d{4} MiB of at most 4096\)$/,
  );
  expect(explained.command).toMatch(/^a smaller batch/);
});

// Messages of the engines, word for word.
test.each([
  [
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1048576,1048576] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu',
    /^out of memory \(OOM when allocating tensor with shape\[1048576,1048576\]/,
  ],
  ['Array buffer allocation failed', /^out of memory/],
  ['Aborted(). Build with -sASSERTIONS for more info.', /^the engine crashed/],
  ['memory access out of bounds', /^the engine crashed/],
])('%s', (message, reason) => {
  const explained = explainEngineFailure(new Error(message));
  expect(explained!.reason).toMatch(reason);
  expect(explained!.message).not.toContain('\n');
});

test('an error of the program is not a failure of the engine', () => {
  expect(explainEngineFailure(new Error('Error in matMul: inner shapes (3) and (4) must match'))).toBeUndefined();
  expect(
    explainEngineFailure(new TypeError("Cannot read properties of undefined (reading 'backend')")),
  ).toBeUndefined();
});

test('an EngineError is returned as it is', () => {
  const error = new EngineError('webgpu', 'the device was lost');
  expect(explainEngineFailure(error)).toBe(error);
});
