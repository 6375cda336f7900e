import { peakTensorBytes } from '@sifaka/trainer';
import { add, getBackend, memory, ones, reshape, type Tensor, tidy, variable, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

describe('peakTensorBytes', () => {
  test('is the most that was alive at one time, with what was there before', () => {
    const before = zeros([100]); // 400 bytes
    const { numBytes } = memory();
    const { result, peakBytes } = peakTensorBytes(() => {
      const a = zeros([1000]); // 4,000
      const b = zeros([500], 'int32'); // 2,000
      a.dispose();
      const c = zeros([250]); // 1,000
      for (const tensor of [b, c]) tensor.dispose();
      return 'done';
    });
    expect([result, peakBytes - numBytes]).toEqual(['done', 6000]);
    before.dispose();
  });

  test('counts a reshaped tensor once where engines say that it shares its data, until the last tensor over its data is gone', () => {
    const a = tidy(() => add(zeros([1000]), 1)); // Engines may copy what was only uploaded, but share what they computed.
    const { numBytes } = memory();
    const { peakBytes } = peakTensorBytes(() => {
      const view = reshape(a, [10, 100]);
      a.dispose();
      const b = zeros([250]);
      for (const tensor of [view, b]) tensor.dispose();
    });
    // On tensorflow a reshaped tensor has data of its own for TensorFlow.js, although they lie in the same memory.
    expect(peakBytes - numBytes).toBe(getBackend() === 'tensorflow' ? 4000 : 1000);
  });

  test('counts a weight’s old data until the new ones are assigned', () => {
    const weight = tidy(() => variable(zeros([1000])));
    const { numBytes } = memory();
    const { peakBytes } = peakTensorBytes(() => {
      for (let step = 0; step < 3; step++) {
        const next = ones([1000]);
        weight.assign(next);
        next.dispose();
      }
    });
    expect(peakBytes - numBytes).toBe(4000);
    weight.dispose();
  });

  test('is the same whatever was measured before, and also after work that threw', () => {
    const { numBytes } = memory();
    const work = () => tidy(() => void ones([300]));
    const first = peakTensorBytes(work);
    expect(() =>
      peakTensorBytes(() => {
        throw new Error('broken');
      }),
    ).toThrow('broken');
    let inner = 0;
    const outer = peakTensorBytes(() => {
      ({ peakBytes: inner } = peakTensorBytes(work));
      const kept: Tensor = ones([400]);
      kept.dispose();
    });
    expect([first.peakBytes, inner, outer.peakBytes].map((bytes) => bytes - numBytes)).toEqual([1200, 1200, 1600]);
    expect(memory().numBytes).toBe(numBytes);
  });
});
