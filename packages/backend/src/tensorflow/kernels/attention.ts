import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AttentionShapes, attentionShapes, type HeadLayout } from '../../fused-kernels/attention-layout.js';
import { expectShape } from '../../fused-kernels/check-shapes.js';
import type { AttentionAttributes, AttentionInputs } from '../../fused-kernels/fused-kernels.js';
import { runNativeAll, type TensorFlowFusedKernel } from '../tensorflow-kernel.js';

/** The weights are `[B, H, L, S]`. */
export const attention: TensorFlowFusedKernel<'Attention'> = ({ memory, inputs, attributes }) => {
  const shapes = attentionShapes('Attention on tensorflow', inputs, attributes);
  const { batch, heads, length, source, out } = shapes;
  const { operands, numbers } = describe(inputs, attributes, shapes);
  const outputs = [out, { shape: [batch, heads, length, source] }];
  return runNativeAll(memory, 'Attention', operands, outputs, numbers) as [TensorInfo, TensorInfo];
};

export const attentionGradient: TensorFlowFusedKernel<'AttentionGradient'> = ({ memory, inputs, attributes }) => {
  const shapes = attentionShapes('AttentionGradient on tensorflow', inputs, attributes);
  expectShape('AttentionGradient on tensorflow', 'dy', inputs.dy, shapes.out.shape);
  const { operands, holders, numbers } = describe(inputs, attributes, shapes);
  // One gradient for each tensor that holds operands: the query's, the key's and the value's, in this order. Then the
  // bias'.
  const outputs = inputs.bias ? [...holders, inputs.bias] : holders;
  return runNativeAll(memory, 'AttentionGradient', [...operands, inputs.weights, inputs.dy], outputs, numbers);
};

/** The arguments that both kernels share. native/attention.cc reads them. */
function describe(
  inputs: AttentionInputs,
  attributes: AttentionAttributes,
  shapes: AttentionShapes,
): { operands: (TensorInfo | undefined)[]; holders: TensorInfo[]; numbers: number[] } {
  const { batch, heads, length, source, dim, query, key, value, out, bias } = shapes;
  const names = [...new Set([query.input, key.input, value.input])];
  const floats = ({ start, batch, head, row }: HeadLayout) => [start, batch, head, row].map((bytes) => bytes / 4);
  return {
    operands: [inputs[query.input], inputs[key.input], inputs[value.input], inputs.bias],
    holders: names.map((name) => inputs[name]!),
    numbers: [batch, heads, length, source, dim]
      .concat(names.indexOf(key.input), names.indexOf(value.input), attributes.scale)
      .concat(...[query, key, value, out, bias].map(floats)),
  };
}
