import { type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { type AttentionShapes, attentionShapes, type HeadLayout } from '../attention-layout.js';
import type { TensorFlowCall, TensorFlowKernel } from './tensorflow-kernel.js';

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
    const { backend, inputs, attrs } = call;
    const shapes = attentionShapes('Attention on tensorflow', inputs, attrs);
    return tidy(() => {
      const { operands, scale, plan } = describe(call, shapes);
      const shape = tensor1d(shapes.out.shape, 'int32');
      return backend.executeMultipleOutputs('SifakaAttention', [], [...operands, scale, plan, shape], 2);
    });
  },
};

/**
 * `AttentionGradient`: the gradients of the inputs of `Attention`, in the order `query`, `key`, `value`, `packed`, `bias`, of those that
 * are given. Takes the same inputs and attributes, and `weights` and the output's gradient `dy`.
 */
export const attentionGradientKernel: TensorFlowKernel = {
  name: 'AttentionGradient',
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const shapes = attentionShapes('AttentionGradient on tensorflow', inputs, attrs);
    const dy = inputs['dy']!;
    if (dy.shape.join() !== shapes.out.shape.join()) {
      throw new Error(`AttentionGradient on tensorflow: expected dy of shape [${shapes.out.shape}], got [${dy.shape}]`);
    }
    return tidy(() => {
      const { operands, holders, scale, plan } = describe(call, shapes);
      const gradients = backend.executeMultipleOutputs(
        'SifakaAttentionGradient',
        [],
        [...operands, inputs['weights']!, dy, scale, plan],
        4,
      );
      // One gradient for each tensor that holds operands, the query's, the key's and the value's in this order; then the bias'.
      return [...gradients.slice(0, holders), ...(inputs['bias'] ? [gradients[3]!] : [])];
    });
  },
};

/** The arguments that both operations share; native/attention.cc reads them. */
function describe(
  { inputs, attrs }: TensorFlowCall,
  shapes: AttentionShapes,
): { operands: Tensor[]; holders: number; scale: Tensor; plan: Tensor } {
  const { batch, heads, length, source, dim, query, key, value, out, bias } = shapes;
  const names = [...new Set([query.input, key.input, value.input])];
  const floats = ({ start, batch, head, row }: HeadLayout) => [start, batch, head, row].map((bytes) => bytes / 4);
  const numbers = [batch, heads, length, source, dim, inputs['bias'] ? 1 : 0]
    .concat(names.indexOf(key.input), names.indexOf(value.input))
    .concat(...[query, key, value, out, bias].map(floats));
  return {
    operands: [query.input, key.input, value.input, inputs['bias'] ? 'bias' : query.input].map(
      (name) => inputs[name] as Tensor,
    ),
    holders: names.length,
    scale: tensor1d([attrs['scale'] as number]),
    plan: tensor1d(numbers, 'int32'),
  };
}
