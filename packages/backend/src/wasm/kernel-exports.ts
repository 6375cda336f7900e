/** The exports of `assembly/index.ts`. Addresses are bytes in the engine's memory; flags are 0 or 1. */
export interface KernelExports {
  scratchBytes(): number;
  product(
    a: number,
    b: number,
    c: number,
    aStride: number,
    bStride: number,
    m: number,
    n: number,
    k: number,
    transposeA: number,
    transposeB: number,
    bias: number,
    first: number,
    last: number,
    scratch: number,
  ): void;
  segmentSum(x: number, ids: number, out: number, rows: number, width: number, segments: number): void;
  sparseProduct(
    starts: number,
    columns: number,
    values: number,
    x: number,
    plus: number,
    out: number,
    width: number,
    first: number,
    last: number,
    scratch: number,
  ): void;
  sum(x: number, out: number, outer: number, middle: number, inner: number, scale: number): void;
  softmax(x: number, y: number, rows: number, width: number): void;
  exp(x: number, y: number, count: number): void;
  erf(x: number, y: number, count: number): void;
  tanh(x: number, y: number, count: number): void;
  softplus(x: number, y: number, count: number): void;
  sqrt(x: number, y: number, count: number): void;
  rsqrt(x: number, y: number, count: number): void;
  gelu(x: number, y: number, count: number): void;
  geluAndSlope(x: number, y: number, slope: number, count: number): void;
  gather(
    x: number,
    ids: number,
    out: number,
    batch: number,
    outer: number,
    size: number,
    count: number,
    slice: number,
  ): number;
  repeat(x: number, out: number, blocks: number, repeats: number, bytes: number): void;
  select(condition: number, yes: number, no: number, out: number, count: number): void;
  swapAxes(x: number, out: number, outer: number, rows: number, columns: number, words: number): void;
  layerNorm(x: number, scale: number, shift: number, y: number, rows: number, width: number, epsilon: number): void;
  layerNormGradient(
    x: number,
    dy: number,
    scale: number,
    dx: number,
    dScale: number,
    dShift: number,
    partial: number,
    rows: number,
    width: number,
    epsilon: number,
  ): void;
  paddedLength(source: number): number;
  attentionScratchBytes(source: number, dim: number): number;
  attentionHead(
    q: number,
    qRow: number,
    k: number,
    kRow: number,
    v: number,
    vRow: number,
    bias: number,
    biasRow: number,
    weights: number,
    out: number,
    outRow: number,
    scratch: number,
    length: number,
    source: number,
    dim: number,
    scale: number,
  ): void;
  attentionHeadGradient(
    q: number,
    qRow: number,
    k: number,
    kRow: number,
    v: number,
    vRow: number,
    weights: number,
    dOut: number,
    outRow: number,
    dq: number,
    dk: number,
    dv: number,
    dBias: number,
    biasRow: number,
    scratch: number,
    length: number,
    source: number,
    dim: number,
    scale: number,
  ): void;
  adamw(
    weight: number,
    gradient: number,
    m: number,
    v: number,
    updated: number,
    count: number,
    clip: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    epsilon: number,
    rate: number,
    decay: number,
  ): void;
  maximum(a: number, aStep: number, b: number, bStep: number, out: number, count: number): void;
  minimum(a: number, aStep: number, b: number, bStep: number, out: number, count: number): void;
  greater(a: number, aStep: number, b: number, bStep: number, out: number, count: number): void;
  greaterEqual(a: number, aStep: number, b: number, bStep: number, out: number, count: number): void;
  nonZero(x: number, out: number, count: number): void;
  copyRows(from: number, fromStep: number, to: number, toStep: number, bytes: number, rows: number): void;
  reverse(x: number, out: number, outer: number, count: number, slice: number): void;
  sumOfSquares(x: number, count: number): number;
  convolutionFilterGradient(
    x: number,
    dy: number,
    dw: number,
    batch: number,
    inHeight: number,
    inWidth: number,
    inputs: number,
    outHeight: number,
    outWidth: number,
    outputs: number,
    filterHeight: number,
    filterWidth: number,
    strideRow: number,
    strideColumn: number,
    top: number,
    left: number,
  ): void;
  depthwiseFilterGradient(
    x: number,
    dy: number,
    dw: number,
    batch: number,
    inHeight: number,
    inWidth: number,
    inputs: number,
    outHeight: number,
    outWidth: number,
    multiplier: number,
    filterHeight: number,
    filterWidth: number,
    strideRow: number,
    strideColumn: number,
    top: number,
    left: number,
  ): void;
  depthwiseInputGradient(
    w: number,
    dy: number,
    dx: number,
    batch: number,
    inHeight: number,
    inWidth: number,
    inputs: number,
    outHeight: number,
    outWidth: number,
    multiplier: number,
    filterHeight: number,
    filterWidth: number,
    strideRow: number,
    strideColumn: number,
    top: number,
    left: number,
  ): void;
}
