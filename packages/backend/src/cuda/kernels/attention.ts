import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type AttentionShapes, attentionShapes, type HeadLayout } from '../../fused-kernels/attention-layout.js';
import { expectShape } from '../../fused-kernels/check-shapes.js';
import type { AttentionInputs } from '../../fused-kernels/fused-kernels.js';
import type { CudaBackend } from '../cuda-backend.js';
import type { CudaFusedKernel } from '../cuda-kernel.js';
import { type Matrices, productInto, type Target } from '../product.js';
import { reduce } from '../reduce.js';

const THREADS = 128; // As in block.h.

/** The weights are `[B, H, L, S]`. */
export const attention: CudaFusedKernel<'Attention'> = ({ cuda, inputs, attributes }) => {
  const shapes = attentionShapes('Attention on cuda', inputs, attributes);
  const { batch, heads, length, source, dim, query, key, value, bias } = shapes;
  const operand = operandsOf(inputs);
  const weights = cuda.output([batch, heads, length, source]);
  const [scores, q, k, v] = [wholeHeads(weights), operand(query), operand(key), operand(value)];
  const sizes = { batch, heads };
  const of = { ...sizes, m: length, n: source, k: dim, alpha: attributes.scale };
  productInto(cuda, { x: q, y: transposed(k), ...of }, scores);
  cuda.run({
    kernel: 'attention_weights',
    grid: [source === 0 ? 0 : batch * heads * length],
    threads: THREADS,
    pointers: [cuda.address(weights), inputs.bias === undefined ? 0 : cuda.address(inputs.bias)],
    ints: [heads, length, source, ...[bias.batch, bias.head, bias.row].map(inFloats)],
  });
  const out = cuda.output(shapes.out.shape);
  productInto(cuda, { x: scores, y: v, ...sizes, m: length, n: dim, k: source }, place(out, shapes.out));
  return [out, weights];
};

export const attentionGradient: CudaFusedKernel<'AttentionGradient'> = ({ cuda, inputs, attributes }) => {
  const shapes = attentionShapes('AttentionGradient on cuda', inputs, attributes);
  const { batch, heads, length, source, dim, query, key, value } = shapes;
  expectShape('AttentionGradient on cuda', 'dy', inputs.dy, shapes.out.shape);
  expectShape('AttentionGradient on cuda', 'weights', inputs.weights, [batch, heads, length, source]);
  const operand = operandsOf(inputs);
  const [q, k, v, dy] = [operand(query), operand(key), operand(value), place(inputs.dy, shapes.out)];
  const sizes = { batch, heads };

  const dScores = cuda.output([batch, heads, length, source]);
  const [weights, gradient] = [wholeHeads(inputs.weights), wholeHeads(dScores)];
  productInto(cuda, { x: dy, y: transposed(v), ...sizes, m: length, n: source, k: dim }, gradient);
  cuda.run({
    kernel: 'scores_gradient',
    grid: [source === 0 ? 0 : batch * heads * length],
    threads: THREADS,
    pointers: [cuda.address(inputs.weights), cuda.address(dScores)],
    ints: [source],
  });

  // One gradient for each tensor that holds operands.
  const names = [...new Set([query.input, key.input, value.input])];
  const gradients = new Map(names.map((name) => [name, cuda.output(inputs[name]!.shape)]));
  const target = (layout: AttentionShapes['query']) => place(gradients.get(layout.input)!, layout);
  const alpha = attributes.scale;
  productInto(cuda, { x: gradient, y: k, ...sizes, m: length, n: dim, k: source, alpha }, target(query));
  productInto(cuda, { x: transposed(gradient), y: q, ...sizes, m: source, n: dim, k: length, alpha }, target(key));
  productInto(cuda, { x: transposed(weights), y: dy, ...sizes, m: source, n: dim, k: length }, target(value));
  const dBias = inputs.bias === undefined ? [] : [biasGradient(cuda, dScores, inputs.bias)];
  cuda.release(dScores);
  return [...gradients.values(), ...dBias];
};

function biasGradient(cuda: CudaBackend, dScores: TensorInfo, bias: TensorInfo): TensorInfo {
  const axes = dScores.shape.flatMap((size, axis) => (bias.shape[axis] === 1 && size !== 1 ? [axis] : []));
  return reduce(cuda, 'sum', dScores, axes, bias.shape);
}

type Placed = Matrices & Target;

/** Finds an operand's heads in the tensor that holds it. */
function operandsOf(inputs: AttentionInputs): (layout: AttentionShapes['query']) => Placed {
  return (layout) => place(inputs[layout.input]!, layout);
}

/** The heads in a tensor, as matrices of the head's width. */
function place(tensor: TensorInfo, { start, batch, head, row }: HeadLayout): Placed {
  const floats = { start: inFloats(start), batch: inFloats(batch), head: inFloats(head), row: inFloats(row) };
  return { tensor, column: 1, ...floats };
}

/** A tensor `[B, H, rows, columns]`. */
function wholeHeads(tensor: TensorInfo): Placed {
  const [, heads, rows, columns] = tensor.shape as [number, number, number, number];
  return { tensor, start: 0, row: columns, column: 1, head: rows * columns, batch: heads * rows * columns };
}

function transposed({ row, column, ...rest }: Placed): Placed {
  return { ...rest, row: column, column: row };
}

function inFloats(bytes: number): number {
  return bytes / util.bytesPerElement('float32');
}
