import type { TensorInfo } from '@tensorflow/tfjs-core';
import { expectShape } from './check-shapes.js';
import type { AttentionAttributes, AttentionInputs } from './fused-kernels.js';

/** The memory layout of one operand's heads in its tensor, in bytes: offset of the first entry, and strides. */
export interface HeadLayout {
  readonly start: number;
  readonly batch: number;
  readonly head: number;
  readonly row: number;
}

/** One operand: the name of the input that holds it, and its layout there. */
export interface HeadOperand extends HeadLayout {
  readonly input: Exclude<keyof AttentionInputs, 'bias'>;
}

/**
 * Sizes and layouts of one call of an attention kernel. `B` batch, `H` heads, `L` query rows, `S` source rows, `D` head
 * width.
 */
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

/** Derives the layouts from the inputs of `Attention`. @throws Error that names the input whose shape does not fit. */
export function attentionShapes(
  kernel: string,
  inputs: AttentionInputs,
  attributes: AttentionAttributes,
): AttentionShapes {
  const { packed } = inputs;
  const shapes = packed
    ? packedShapes(kernel, packed, inputs.query, attributes.heads!)
    : separateShapes(kernel, inputs.query!, inputs.key!, inputs.value!);
  return { ...shapes, bias: biasLayout(kernel, inputs.bias, shapes) };
}

/** The address of head `h` of batch `b` in a tensor at `address`. */
export function addressIn(address: number, { start, batch, head }: HeadLayout, b: number, h: number): number {
  return address + start + b * batch + h * head;
}

function separateShapes(
  kernel: string,
  { shape }: TensorInfo,
  key: TensorInfo,
  value: TensorInfo,
): Omit<AttentionShapes, 'bias'> {
  if (shape.length !== 4) throw new Error(`${kernel}: expected query of shape [B, H, L, D], got [${shape}]`);
  const [batch, heads, length, dim] = shape as [number, number, number, number];
  const source = key.shape[2]!;
  expectShape(kernel, 'key', key, [batch, heads, source, dim]);
  expectShape(kernel, 'value', value, [batch, heads, source, dim]);
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

function packedShapes(
  kernel: string,
  packed: TensorInfo,
  query: TensorInfo | undefined,
  heads: number,
): Omit<AttentionShapes, 'bias'> {
  const parts = query ? 2 : 3;
  const [batch = 0, source = 0, columns = 0] = packed.shape;
  const width = columns / parts;
  const dim = width / heads;
  if (packed.shape.length !== 3 || !Number.isInteger(dim)) {
    const expected = `[B, S, ${parts} · ${heads} · D]`;
    throw new Error(`${kernel}: expected packed of shape ${expected}, got [${packed.shape}]`);
  }
  const length = query ? query.shape[1]! : source;
  if (query) expectShape(kernel, 'query', query, [batch, length, width]);
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
    query: query ? { input: 'query', ...layout(length, width, 0) } : part(0),
    key: part(parts - 2),
    value: part(parts - 1),
    out: { shape: [batch, length, width], ...layout(length, width, 0) },
  };
}

function biasLayout(
  kernel: string,
  bias: TensorInfo | undefined,
  { batch, heads, length, source }: Omit<AttentionShapes, 'bias'>,
): HeadLayout {
  if (!bias) return { start: 0, batch: 0, head: 0, row: 0 };
  const full = [batch, heads, length, source];
  const fits = bias.shape.every((size, axis) => size === full[axis] || (size === 1 && axis < 3));
  if (bias.shape.length !== 4 || !fits) {
    throw new Error(`${kernel}: expected a bias that broadcasts to [${full}], got [${bias.shape}]`);
  }
  const [b, h, l] = bias.shape as [number, number, number, number];
  return {
    start: 0,
    batch: b === 1 ? 0 : h * l * source * FLOAT,
    head: h === 1 ? 0 : l * source * FLOAT,
    row: l === 1 ? 0 : source * FLOAT,
  };
}
