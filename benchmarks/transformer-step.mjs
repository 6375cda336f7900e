// A classifier of one transformer block over embedded ids, trained with TensorFlow.js' own operations and Adam.
import * as tf from '@tensorflow/tfjs-core';

/** @returns `run` (one step), `loss` (the current loss) and `dispose`. */
export function transformerStep({ batch = 64, tokens = 16, dim = 64, heads = 4, vocabulary = 1000 } = {}) {
  let seed = 0;
  const normal = (...shape) => tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 0.1, 'float32', ++seed)));
  const constant = (value, ...shape) => tf.tidy(() => tf.variable(tf.fill(shape, value)));
  const linearWeights = (from, to) => ({ w: normal(from, to), b: constant(0, to) });
  const normWeights = () => ({ scale: constant(1, dim), shift: constant(0, dim) });
  const layers = {
    query: linearWeights(dim, dim),
    key: linearWeights(dim, dim),
    value: linearWeights(dim, dim),
    out: linearWeights(dim, dim),
    up: linearWeights(dim, 4 * dim),
    down: linearWeights(4 * dim, dim),
    head: linearWeights(dim, 1),
    beforeAttention: normWeights(),
    beforeMlp: normWeights(),
  };
  const embedding = normal(vocabulary, dim);
  const position = normal(tokens, dim);
  const weights = [embedding, position, ...Object.values(layers).flatMap((layer) => Object.values(layer))];

  const linear = (x, { w, b }) => {
    const [from, to] = w.shape;
    return tf.reshape(tf.add(tf.matMul(tf.reshape(x, [-1, from]), w), b), [...x.shape.slice(0, -1), to]);
  };
  const norm = (x, { scale, shift }) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
  };
  const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
  const split = (x) => tf.transpose(tf.reshape(x, [batch, tokens, heads, dim / heads]), [0, 2, 1, 3]);
  const attention = (x) => {
    const [query, key, value] = ['query', 'key', 'value'].map((name) => split(linear(x, layers[name])));
    const scores = tf.softmax(tf.mul(tf.matMul(query, key, false, true), Math.sqrt(heads / dim)));
    return linear(tf.reshape(tf.transpose(tf.matMul(scores, value), [0, 2, 1, 3]), [batch, tokens, dim]), layers.out);
  };

  const ids = tf.tensor2d(
    Int32Array.from({ length: batch * tokens }, (_, i) => (i * i * 7919) % vocabulary),
    [batch, tokens],
    'int32',
  );
  const labels = tf.tensor1d(Float32Array.from({ length: batch }, (_, i) => ((i * i) % 7) % 2));
  const loss = () => {
    let x = tf.add(tf.gather(embedding, ids), position);
    x = tf.add(x, attention(norm(x, layers.beforeAttention)));
    x = tf.add(x, linear(gelu(linear(norm(x, layers.beforeMlp), layers.up)), layers.down));
    const logits = tf.reshape(linear(tf.mean(x, 1), layers.head), [batch]);
    return tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits)));
  };
  const optimizer = tf.train.adam(1e-3);

  return {
    run: () => optimizer.minimize(loss, false, weights),
    loss: () => tf.tidy(() => loss().dataSync()[0]),
    dispose: () => {
      optimizer.dispose();
      for (const tensor of [ids, labels, ...weights]) tensor.dispose();
    },
  };
}
