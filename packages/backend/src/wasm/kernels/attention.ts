import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AttentionShapes, addressIn, attentionShapes } from '../../fused-kernels/attention-layout.js';
import { expectShape } from '../../fused-kernels/check-shapes.js';
import type { AttentionInputs } from '../../fused-kernels/fused-kernels.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmFusedKernel } from '../wasm-kernel.js';
import { withWorkingMemory } from '../working-memory.js';

// Heads are read and written in place, so nothing is transposed and a head's scores never leave the cache.

/** The weights are `[B, H, L, P]`, with S rounded up to a multiple of four. */
export const attention: WasmFusedKernel<'Attention'> = ({ backend, inputs, attributes }) => {
  const shapes = attentionShapes('Attention on wasm', inputs, attributes);
  const { length, source, dim, query, key, value, out, bias } = shapes;
  const { exports } = kernelsOf(backend);
  const padded = exports.paddedLength(source);
  const output = backend.makeOutput(out.shape, 'float32');
  const weights = backend.makeOutput([shapes.batch, shapes.heads, length, padded], 'float32');
  const address = (name: keyof AttentionInputs): number => addressOf(backend, inputs[name]!);
  const [q, k, v] = [address(query.input), address(key.input), address(value.input)];
  const biasAddress = inputs.bias ? address('bias') : 0;
  const to = addressOf(backend, output);
  const weightsAddress = addressOf(backend, weights);
  withWorkingMemory(backend, exports.attentionScratchBytes(source, dim), (scratch) => {
    forEachHead(shapes, (b, h, i) => {
      exports.attentionHead(
        addressIn(q, query, b, h),
        query.row,
        addressIn(k, key, b, h),
        key.row,
        addressIn(v, value, b, h),
        value.row,
        addressIn(biasAddress, bias, b, h),
        bias.row,
        weightsAddress + i * length * padded * 4,
        addressIn(to, out, b, h),
        out.row,
        scratch,
        length,
        source,
        dim,
        attributes.scale,
      );
    });
  });
  return [output, weights];
};

export const attentionGradient: WasmFusedKernel<'AttentionGradient'> = ({ backend, inputs, attributes }) => {
  const shapes = attentionShapes('AttentionGradient on wasm', inputs, attributes);
  const { length, source, dim, query, key, value, out, bias } = shapes;
  expectShape('AttentionGradient on wasm', 'dy', inputs.dy, out.shape);
  const { exports } = kernelsOf(backend);
  const padded = exports.paddedLength(source);
  const gradients = new Map<keyof AttentionInputs, TensorInfo>();
  for (const name of ['query', 'key', 'value', 'packed', 'bias'] as const) {
    if (inputs[name]) gradients.set(name, backend.makeOutput(inputs[name].shape, 'float32'));
  }
  if (length === 0) for (const gradient of gradients.values()) zero(backend, gradient);
  if (gradients.has('bias')) zero(backend, gradients.get('bias')!);

  const address = (name: keyof AttentionInputs): number => addressOf(backend, inputs[name]!);
  const gradientAddress = (name: keyof AttentionInputs): number => addressOf(backend, gradients.get(name)!);
  const [q, k, v] = [address(query.input), address(key.input), address(value.input)];
  const [dq, dk, dv] = [gradientAddress(query.input), gradientAddress(key.input), gradientAddress(value.input)];
  const dBias = gradients.has('bias') ? gradientAddress('bias') : 0;
  const from = addressOf(backend, inputs.dy);
  const weightsAddress = addressOf(backend, inputs.weights);
  withWorkingMemory(backend, exports.attentionScratchBytes(source, dim), (scratch) => {
    forEachHead(shapes, (b, h, i) => {
      exports.attentionHeadGradient(
        addressIn(q, query, b, h),
        query.row,
        addressIn(k, key, b, h),
        key.row,
        addressIn(v, value, b, h),
        value.row,
        weightsAddress + i * length * padded * 4,
        addressIn(from, out, b, h),
        out.row,
        addressIn(dq, query, b, h),
        addressIn(dk, key, b, h),
        addressIn(dv, value, b, h),
        addressIn(dBias, bias, b, h),
        bias.row,
        scratch,
        length,
        source,
        dim,
        attributes.scale,
      );
    });
  });
  return [...gradients.values()];
};

function forEachHead(
  { batch, heads }: AttentionShapes,
  visit: (batch: number, head: number, index: number) => void,
): void {
  for (let b = 0; b < batch; b++) for (let h = 0; h < heads; h++) visit(b, h, b * heads + h);
}

function zero(backend: BackendWasm, tensor: TensorInfo): void {
  backend.typedArrayFromHeap(tensor).fill(0);
}
