// The tests' own engine has fused kernels. Engines without them compose TensorFlow.js' operations, with the same
// results. These tests run everything that can be either, on the reference engine.
import { useEngine } from '@sifaka/backend';
import { getBackend, getKernel } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import './adamw.test.js';
import './attention.test.js';
import './gelu.test.js';
import './layer-norm.test.js';
import './linear.test.js';
import './sparse-mat-mul.test.js';
import './transformer.test.js';

beforeAll(async () => {
  await useEngine('cpu');
});

it('runs without fused kernels', () => {
  for (const name of ['AdamW', 'Attention', 'Gelu', 'GlobalNorm', 'LayerNorm', 'Linear', 'SparseMatMul']) {
    expect([name, getKernel(name, getBackend())]).toEqual([name, undefined]);
  }
});
