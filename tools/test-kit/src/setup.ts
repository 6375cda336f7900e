import { useEngine } from '@sifaka/backend';
import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import './to-be-all-close.js';

// The engine that every newcomer gets. SIFAKA_TEST_ENGINE=cpu runs the same tests on the reference.
beforeAll(async () => {
  await useEngine((process.env['SIFAKA_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

// A test that makes tensors disposes them: every test is leak-checked.
let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = memory().numTensors;
});
afterEach(() => {
  expect(memory().numTensors - tensorsBefore, 'tensors leaked by this test').toBe(0);
});
