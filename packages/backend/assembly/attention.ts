import { expRow } from './exp';
import { largest, total } from './lanes';
import { madd } from './madd';
import { packTransposed4 } from './pack';
import { stridedProduct } from './strided-product';

// One attention head at a time, read and written in place: rows are `…Row` bytes apart, so that the heads of a tensor
// [B, S, H · D] need no transpose. L query rows, S source rows, D head width. Weights have rows of `paddedLength(S)`
// floats, with zeros after S.

/** Bytes of a block of score rows, which stays in the first-level cache between product, softmax and product. */
const BLOCK_BYTES: i32 = 16384;

/** Floats of a row of attention weights: S rounded up to whole vectors. */
export function paddedLength(source: i32): i32 {
  return (source + 3) & ~3;
}

/** Bytes that {@link attentionHead} and {@link attentionHeadGradient} need at `scratch`. */
export function attentionScratchBytes(source: i32, dim: i32): i32 {
  const row = paddedLength(source) << 2;
  return dim * row + max(4 * row, BLOCK_BYTES);
}

/**
 * `weights = softmax(q kᵀ · scale + bias)`, `out = weights v`. A `bias` of 0 means none; a `biasRow` of 0 gives every
 * query the same bias.
 */
export function attentionHead(
  q: usize,
  qRow: usize,
  k: usize,
  kRow: usize,
  v: usize,
  vRow: usize,
  bias: usize,
  biasRow: usize,
  weights: usize,
  out: usize,
  outRow: usize,
  scratch: usize,
  length: i32,
  source: i32,
  dim: i32,
  scale: f32,
): void {
  const padded = paddedLength(source);
  const row = (<usize>padded) << 2;
  transpose(k, kRow, source, dim, scratch, row);
  const block = blockRows(padded);
  for (let first = 0; first < length; first += block) {
    const rows = min(block, length - first);
    stridedProduct(q, qRow, 4, scratch, row, weights, row, rows, padded, dim, false);
    let at = weights;
    for (let r = 0; r < rows; r++) {
      softmaxRow(at, bias, source, padded, scale);
      at += row;
      bias += biasRow;
    }
    stridedProduct(weights, row, 4, v, vRow, out, outRow, rows, dim, source, false);
    q += <usize>rows * qRow;
    out += <usize>rows * outRow;
    weights = at;
  }
}

/**
 * The gradients of {@link attentionHead}, from its weights. `dq`, `dk` and `dv` are overwritten; their rows are as far
 * apart as those of `q`, `k` and `v`. The gradient of the bias is added to `dBias`, because rows, heads and batches may
 * share a bias.
 */
export function attentionHeadGradient(
  q: usize,
  qRow: usize,
  k: usize,
  kRow: usize,
  v: usize,
  vRow: usize,
  weights: usize,
  dOut: usize,
  outRow: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  dBias: usize,
  biasRow: usize,
  scratch: usize,
  length: i32,
  source: i32,
  dim: i32,
  scale: f32,
): void {
  const padded = paddedLength(source);
  const row = (<usize>padded) << 2;
  transpose(v, vRow, source, dim, scratch, row);
  const dScores = scratch + <usize>dim * row;
  const block = blockRows(padded);
  for (let first = 0; first < length; first += block) {
    const rows = min(block, length - first);
    stridedProduct(dOut, outRow, 4, scratch, row, dScores, row, rows, padded, dim, false);
    let p = weights;
    let at = dScores;
    for (let r = 0; r < rows; r++) {
      softmaxGradientRow(p, at, dBias, source, padded, scale);
      p += row;
      at += row;
      dBias += biasRow;
    }
    const more = first > 0;
    stridedProduct(dScores, row, 4, k, kRow, dq, qRow, rows, dim, source, false);
    stridedProduct(dScores, 4, row, q, qRow, dk, kRow, source, dim, rows, more);
    stridedProduct(weights, 4, row, dOut, outRow, dv, vRow, source, dim, rows, more);
    q += <usize>rows * qRow;
    dq += <usize>rows * qRow;
    dOut += <usize>rows * outRow;
    weights = p;
  }
}

function blockRows(padded: i32): i32 {
  return max(4, (BLOCK_BYTES / max(16, padded << 2)) & ~3);
}

/** Turns a row of products into weights, in place: scale, bias, softmax, and zeros after `source`. */
function softmaxRow(x: usize, bias: usize, source: i32, padded: i32, scale: f32): void {
  const whole = (<usize>(source & ~3)) << 2;
  const end = (<usize>source) << 2;
  const row = (<usize>padded) << 2;
  const scales = f32x4.splat(scale);
  let top = f32x4.splat(-Infinity);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    let score = f32x4.mul(v128.load(x + i), scales);
    if (bias) score = f32x4.add(score, v128.load(bias + i));
    top = f32x4.pmax(top, score);
    v128.store(x + i, score);
  }
  for (; i < end; i += 4) {
    let score = load<f32>(x + i) * scale;
    if (bias) score += load<f32>(bias + i);
    top = f32x4.pmax(top, f32x4.splat(score));
    store<f32>(x + i, score);
  }
  for (; i < row; i += 4) store<f32>(x + i, -Infinity);

  top = f32x4.splat(largest(top));
  const sum = expRow(x, x, row, top);
  const share = f32x4.splat(<f32>1 / total(sum));
  for (i = 0; i < row; i += 16) v128.store(x + i, f32x4.mul(v128.load(x + i), share));
}

/**
 * Turns the gradient dp of a row of weights p, in place, into `ds = p (dp − Σ p dp)`; adds it to `dBias` and multiplies
 * it by `scale`.
 */
function softmaxGradientRow(p: usize, dp: usize, dBias: usize, source: i32, padded: i32, scale: f32): void {
  const row = (<usize>padded) << 2;
  let along = f32x4.splat(0);
  let i: usize = 0;
  for (; i < row; i += 16) along = madd(v128.load(p + i), v128.load(dp + i), along);
  along = f32x4.splat(total(along));
  for (i = 0; i < row; i += 16) {
    v128.store(dp + i, f32x4.mul(v128.load(p + i), f32x4.sub(v128.load(dp + i), along)));
  }
  if (dBias) addTo(dBias, dp, source);
  const scales = f32x4.splat(scale);
  for (i = 0; i < row; i += 16) v128.store(dp + i, f32x4.mul(v128.load(dp + i), scales));
}

function addTo(to: usize, from: usize, count: i32): void {
  const whole = (<usize>(count & ~3)) << 2;
  const end = (<usize>count) << 2;
  let i: usize = 0;
  for (; i < whole; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < end; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}

/** Transposes `[source, dim]` to `[dim, padded]`, with zeros after `source`. */
function transpose(x: usize, xRow: usize, source: i32, dim: i32, to: usize, row: usize): void {
  let s = 0;
  for (; s + 4 <= source; s += 4) packTransposed4(x + <usize>s * xRow, xRow, dim, to + ((<usize>s) << 2), row);
  if (s === source) return;
  const rest = (<usize>(source - s)) << 2;
  x += <usize>s * xRow;
  to += (<usize>s) << 2;
  for (let d = 0; d < dim; d++) {
    let from = x;
    for (let i: usize = 0; i < 16; i += 4) {
      store<f32>(to + i, i < rest ? load<f32>(from) : 0);
      if (i + 4 < rest) from += xRow;
    }
    x += 4;
    to += row;
  }
}
