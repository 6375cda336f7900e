import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AttentionShapes, attentionShapes, type HeadLayout } from '../../fused-kernels/attention-layout.js';
import { runNativeAll, type TensorFlowCall, type TensorFlowKernel } from '../tensorflow-kernel.js';

// `softmax(Q Kᵀ · scale + bias) V` head by head. Two layouts of the inputs:
//
// - `query [B, H, L, D]`, `key` and `value [B, H, S, D]`; the output is `[B, H, L, D]`.
// - `packed [B, S, 3 · H · D]`: queries, keys and values side by side; or `query [B, L, H · D]` and `packed [B, S, 2 · H · D]` of keys and
//   values. The output is `[B, L, H · D]`. The attribute `heads` is H.
//
// `bias`, if given, has four axes that broadcast to `[B, H, L, S]`, the last of them S. The attribute `scale` is a number.

/** `Attention`: the output, and the weights `[B, H, L, S]` that `AttentionGradient` reads. */
export const attentionKernel: TensorFlowKernel = {
  name: 'Attention',
  run: (call) => {
    const { memory, inputs, attrs } = call;
    const shapes = attentionShapes('Attention on tensorflow', inputs, attrs);
    const { batch, heads, length, source, out } = shapes;
    const { operands, plan } = describe(call, shapes);
    return runNativeAll(memory, 'Attention', operands, [out, { shape: [batch, heads, length, source] }], plan);
  },
};

/**
 * `AttentionGradient`: the gradients of the inputs of `Attention`, in the order `query`, `key`, `value`, `packed`, `bias`, of those that
 * are given. Takes the same inputs and attributes, and `weights` and the output's gradient `dy`.
 */
export const attentionGradientKernel: TensorFlowKernel = {
  name: 'AttentionGradient',
  run: (call) => {
    const { memory, inputs, attrs } = call;
    const shapes = attentionShapes('AttentionGradient on tensorflow', inputs, attrs);
    const dy = inputs['dy']!;
    if (dy.shape.join() !== shapes.out.shape.join()) {
      throw new Error(`AttentionGradient on tensorflow: expected dy of shape [${shapes.out.shape}], got [${dy.shape}]`);
    }
    const { operands, holders, plan } = describe(call, shapes);
    // One gradient for each tensor that holds operands, the query's, the key's and the value's in this order; then the bias'.
    const outputs = [...holders, ...(inputs['bias'] ? ['bias'] : [])].map((name) => inputs[name] as TensorInfo);
    return runNativeAll(memory, 'AttentionGradient', [...operands, inputs['weights'], dy], outputs, plan);
  },
};

/** The arguments that both kernels share; native/attention.cc reads them. */
function describe(
  { inputs, attrs }: TensorFlowCall,
  shapes: AttentionShapes,
): { operands: (TensorInfo | undefined)[]; holders: string[]; plan: number[] } {
  const { batch, heads, length, source, dim, query, key, value, out, bias } = shapes;
  const holders = [...new Set([query.input, key.input, value.input])];
  const floats = ({ start, batch, head, row }: HeadLayout) => [start, batch, head, row].map((bytes) => bytes / 4);
  return {
    operands: [query.input, key.input, value.input, 'bias'].map((name) => inputs[name]),
    holders,
    plan: [batch, heads, length, source, dim]
      .concat(holders.indexOf(key.input), holders.indexOf(value.input), attrs['scale'] as number)
      .concat(...[query, key, value, out, bias].map(floats)),
  };
}
