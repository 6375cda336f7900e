import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** Where the heads of one operand lie in a tensor; all in bytes. */
export interface HeadLayout {
  readonly start: number;
  readonly batch: number;
  readonly head: number;
  readonly row: number;
}

/** One operand: the name of the input that holds it, and where in it. */
export interface HeadOperand extends HeadLayout {
  readonly input: string;
}

/** What one call of an attention kernel is about. `B` batch, `H` heads, `L` query rows, `S` source rows, `D` head width. */
export interface AttentionShapes {
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly source: number;
  readonly dim: number;
  readonly query: HeadOperand;
  readonly key: HeadOperand;
  readonly value: HeadOperand;
  readonly out: HeadLayout & { readonly shape: number[] };
  /** Strides of 0 along the axes that broadcast; all 0 without a bias. */
  readonly bias: HeadLayout;
}

const FLOAT = 4;

/** Reads the layout off the inputs of `Attention`. @throws Error naming the input whose shape does not fit. */
export function attentionShapes(name: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): AttentionShapes {
  const shapes = inputs['packed'] ? packedShapes(name, inputs, attrs) : separateShapes(name, inputs);
  return { ...shapes, bias: biasLayout(name, inputs['bias'], shapes) };
}

export function addressIn(address: number, { start, batch, head }: HeadLayout, b: number, h: number): number {
  return address + start + b * batch + h * head;
}

function separateShapes(name: string, inputs: NamedTensorInfoMap): Omit<AttentionShapes, 'bias'> {
  const { shape } = inputs['query']!;
  if (shape.length !== 4) throw new Error(`${name}: expected query of shape [B, H, L, D], got [${shape}]`);
  const [batch, heads, length, dim] = shape as [number, number, number, number];
  const source = inputs['key']!.shape[2]!;
  for (const input of ['key', 'value']) expectShape(name, input, inputs[input]!, [batch, heads, source, dim]);
  const layout = (rows: number): HeadLayout => ({
    start: 0,
    batch: heads * rows * dim * FLOAT,
    head: rows * dim * FLOAT,
    row: dim * FLOAT,
  });
  return {
    batch,
    heads,
    length,
    source,
    dim,
    query: { input: 'query', ...layout(length) },
    key: { input: 'key', ...layout(source) },
    value: { input: 'value', ...layout(source) },
    out: { shape, ...layout(length) },
  };
}

function packedShapes(name: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): Omit<AttentionShapes, 'bias'> {
  const packed = inputs['packed']!;
  const asking = inputs['query'];
  const heads = attrs['heads'] as number;
  const parts = asking ? 2 : 3;
  const [batch = 0, source = 0, columns = 0] = packed.shape;
  const width = columns / parts;
  const dim = width / heads;
  if (packed.shape.length !== 3 || !Number.isInteger(dim)) {
    const expected = `[B, S, ${parts} · ${heads} · D]`;
    throw new Error(`${name}: expected packed of shape ${expected}, got [${packed.shape}]`);
  }
  const length = asking ? asking.shape[1]! : source;
  if (asking) expectShape(name, 'query', asking, [batch, length, width]);
  const layout = (rows: number, row: number, column: number): HeadLayout => ({
    start: column * FLOAT,
    batch: rows * row * FLOAT,
    head: dim * FLOAT,
    row: row * FLOAT,
  });
  const part = (i: number): HeadOperand => ({ input: 'packed', ...layout(source, columns, i * width) });
  return {
    batch,
    heads,
    length,
    source,
    dim,
    query: asking ? { input: 'query', ...layout(length, width, 0) } : part(0),
    key: part(parts - 2),
    value: part(parts - 1),
    out: { shape: [batch, length, width], ...layout(length, width, 0) },
  };
}

function biasLayout(
  name: string,
  bias: TensorInfo | undefined,
  { batch, heads, length, source }: Omit<AttentionShapes, 'bias'>,
): HeadLayout {
  if (!bias) return { start: 0, batch: 0, head: 0, row: 0 };
  const full = [batch, heads, length, source];
  const fits = bias.shape.every((size, axis) => size === full[axis] || (size === 1 && axis < 3));
  if (bias.shape.length !== 4 || !fits) {
    throw new Error(`${name}: expected a bias that broadcasts to [${full}], got [${bias.shape}]`);
  }
  const [b, h, l] = bias.shape as [number, number, number, number];
  return {
    start: 0,
    batch: b === 1 ? 0 : h * l * source * FLOAT,
    head: h === 1 ? 0 : l * source * FLOAT,
    row: l === 1 ? 0 : source * FLOAT,
  };
}

function expectShape(name: string, input: string, { shape }: TensorInfo, expected: readonly number[]): void {
  if (shape.join() !== expected.join()) {
    throw new Error(`${name}: expected ${input} of shape [${expected}], got [${shape}]`);
  }
}
