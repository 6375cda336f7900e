import { checkGradient } from '@sifaka/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

type Op = (x: tf.Tensor) => tf.Tensor;

// The operations of transformers, RankMixer and the losses.
const OPS: Readonly<Record<string, Op>> = {
  'gather along axis 0': (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')),
  'gather of a vector': (x) => tf.gather(tf.reshape(x, [-1]), tf.tensor1d([5, 0, 5], 'int32')),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSumExp: (x) => tf.logSumExp(x, -1),
  'gelu by erf': (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  relu: (x) => tf.relu(x),
  softplus: (x) => tf.softplus(x),
  'layer norm': (x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-2)));
  },
  concat: (x) => tf.concat([x, tf.square(x)], 1),
  slice: (x) => tf.slice(x, [1, 0], [2, 3]),
  split: (x) => tf.mul(...(tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor])),
  stack: (x) => tf.stack([x, tf.square(x)], 1),
  unstack: (x) => tf.mul(tf.unstack(x)[0]!, tf.unstack(x)[2]!),
  pad: (x) =>
    tf.pad(x, [
      [1, 0],
      [0, 2],
    ]),
  transpose: (x) => tf.transpose(tf.reshape(x, [3, 2, 2]), [0, 2, 1]),
  tile: (x) => tf.tile(x, [2, 3]),
  broadcastTo: (x) => tf.broadcastTo(tf.slice(x, [0, 0], [1, 4]), [3, 4]),
  'broadcast add': (x) => tf.add(x, tf.slice(x, [0, 0], [1, 4])),
  'broadcast multiply': (x) => tf.mul(x, tf.slice(x, [0, 1], [3, 1])),
  'broadcast divide': (x) => tf.div(x, tf.add(tf.square(tf.slice(x, [0, 1], [3, 1])), 1)),
  'sum over the first axis': (x) => tf.sum(x, 0),
  'sum over the last axis': (x) => tf.sum(x, -1, true),
  mean: (x) => tf.mean(x, 1),
  max: (x) => tf.max(x, 1),
  where: (x) => tf.where(tf.tensor2d([1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0], [3, 4], 'bool'), x, tf.square(x)),
  abs: (x) => tf.abs(x),
  square: (x) => tf.square(x),
  exp: (x) => tf.exp(x),
  sqrt: (x) => tf.sqrt(tf.add(tf.square(x), 0.5)),
  log: (x) => tf.log(tf.add(tf.square(x), 0.5)),
  cos: (x) => tf.cos(x),
  sin: (x) => tf.sin(x),
  'l2 normalisation': (x) => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-6))),
  'cumsum along the last axis': (x) => tf.cumsum(x, 1),
  'exclusive, reversed cumsum': (x) => tf.cumsum(x, 1, true, true),
  reverse: (x) => tf.reverse(x, 1),
  'mask by greaterEqual': (x) => tf.mul(x, tf.cast(tf.greaterEqual(x, 0.1), 'float32')),
  clipByValue: (x) => tf.clipByValue(x, -0.7, 0.7),
  maximum: (x) => tf.maximum(x, 0.2),
  pow: (x) => tf.pow(x, 3),
  'matMul, 4-D': (x) => tf.matMul(tf.reshape(x, [1, 3, 2, 2]), tf.reshape(x, [1, 3, 2, 2]), false, true),
};

/** Far enough from each other and from the kinks of relu, abs, max and clip for central differences. */
const VALUES = [-1.3, 0.4, 0.9, -0.2, 1.6, -0.5, 0.6, -1.1, 0.35, 1.2, -0.85, 0.25];

describe('gradients on wasm', () => {
  it.each(Object.entries(OPS))('%s', (_, op) => {
    const x = tf.tensor2d(VALUES, [3, 4]);
    // Squared and weighted, so that the sum hides neither a constant nor a symmetric gradient.
    const loss = (input: tf.Tensor): tf.Scalar => {
      const y = op(input);
      const weights = tf.add(1, tf.reshape(tf.range(0, y.size), y.shape));
      return tf.sum(tf.mul(tf.square(y), tf.mul(weights, 0.1)));
    };
    checkGradient(loss, [x], { step: 5e-3, atol: 2e-2, rtol: 2e-2 });
    x.dispose();
  });

  it('topk has a forward pass', () => {
    tf.tidy(() => {
      const { values, indices } = tf.topk(tf.tensor1d([3, 9, 1, 7]), 2);
      expect(values).toBeAllClose([9, 7]);
      expect(indices).toBeAllClose([1, 3]);
    });
  });

  it('60 steps of Adam bring the loss of a perceptron to a tenth', () => {
    const x = tf.randomNormal([16, 5], 0, 1, 'float32', 1);
    const y = tf.tidy(() => tf.sum(x, 1, true));
    const [w1, w2] = tf.tidy(() => [
      tf.variable(tf.randomNormal([5, 16], 0, 0.5, 'float32', 2)),
      tf.variable(tf.randomNormal([16, 1], 0, 0.5, 'float32', 3)),
    ]) as unknown as [tf.Variable<tf.Rank.R2>, tf.Variable<tf.Rank.R2>];
    const loss = (): tf.Scalar => tf.mean(tf.square(tf.sub(tf.matMul(tf.tanh(tf.matMul(x, w1)), w2), y)));
    const optimizer = tf.train.adam(0.05);
    const before = tf.tidy(() => loss().dataSync()[0]!);
    for (let step = 0; step < 60; step++) optimizer.minimize(loss, false, [w1, w2]);
    const after = tf.tidy(() => loss().dataSync()[0]!);
    expect(after).toBeLessThan(before / 10);
    optimizer.dispose();
    for (const tensor of [x, y, w1, w2]) tensor.dispose();
  });
});
