import { useEngine } from '@sifaka/backend';
import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import './to-be-all-close.js';

// wasm is the engine of a plain installation. SIFAKA_TEST_ENGINE=cpu runs the same tests on the reference.
beforeAll(async () => {
  await useEngine((process.env['SIFAKA_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

// Every test is checked for leaks, so it must dispose the tensors that it creates.
let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = memory().numTensors;
});
afterEach(() => {
  expect(memory().numTensors - tensorsBefore, 'tensors leaked by this test').toBe(0);
});
