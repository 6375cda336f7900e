import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AttentionShapes, addressIn, attentionShapes } from '../../fused-kernels/attention-layout.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';
import { withWorkingMemory } from '../working-memory.js';

// Kernels that TensorFlow.js does not have, for nn's attention: `softmax(Q Kᵀ · scale + bias) V` head by head, in place where the heads
// lie side by side, so that nothing is transposed and a head's scores never leave the cache. Two layouts of the inputs:
//
// - `query [B, H, L, D]`, `key` and `value [B, H, S, D]`; the output is `[B, H, L, D]`.
// - `packed [B, S, 3 · H · D]`: queries, keys and values side by side; or `query [B, L, H · D]` and `packed [B, S, 2 · H · D]` of keys and
//   values. The output is `[B, L, H · D]`. The attribute `heads` is H.
//
// `bias`, if given, has four axes that broadcast to `[B, H, L, S]`, the last of them S. The attribute `scale` is a number.

/**
 * `Attention`: the output, and the weights `[B, H, L, P]` that `AttentionGradient` reads; `P` is S rounded up to a multiple of four,
 * with zeros behind S.
 */
export const attentionKernel: WasmKernel = {
  name: 'Attention',
  run: ({ backend, inputs, attrs }) => {
    const shapes = attentionShapes('Attention on wasm', inputs, attrs);
    const { length, source, dim, query, key, value, out, bias } = shapes;
    const { exports } = kernelsOf(backend);
    const padded = exports.paddedLength(source);
    const output = backend.makeOutput(out.shape, 'float32');
    const weights = backend.makeOutput([shapes.batch, shapes.heads, length, padded], 'float32');
    const address = (name: string): number => addressOf(backend, inputs[name]!);
    const [q, k, v] = [address(query.input), address(key.input), address(value.input)];
    const biasAddress = inputs['bias'] ? address('bias') : 0;
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
          attrs['scale'] as number,
        );
      });
    });
    return [output, weights];
  },
};

/**
 * `AttentionGradient`: the gradients of the inputs of `Attention`, in the order `query`, `key`, `value`, `packed`, `bias`, of those that
 * are given. Takes the same inputs and attributes, and `weights` and the output's gradient `dy`.
 */
export const attentionGradientKernel: WasmKernel = {
  name: 'AttentionGradient',
  run: ({ backend, inputs, attrs }) => {
    const shapes = attentionShapes('AttentionGradient on wasm', inputs, attrs);
    const { length, source, dim, query, key, value, out, bias } = shapes;
    const dy = inputs['dy']!;
    if (dy.shape.join() !== out.shape.join()) {
      throw new Error(`AttentionGradient on wasm: expected dy of shape [${out.shape}], got [${dy.shape}]`);
    }
    const { exports } = kernelsOf(backend);
    const padded = exports.paddedLength(source);
    const gradients = new Map<string, TensorInfo>();
    for (const name of ['query', 'key', 'value', 'packed', 'bias']) {
      if (inputs[name]) gradients.set(name, backend.makeOutput(inputs[name].shape, 'float32'));
    }
    if (length === 0) for (const gradient of gradients.values()) zero(backend, gradient);
    if (gradients.has('bias')) zero(backend, gradients.get('bias')!);

    const address = (name: string): number => addressOf(backend, inputs[name]!);
    const gradientAddress = (name: string): number => addressOf(backend, gradients.get(name)!);
    const [q, k, v] = [address(query.input), address(key.input), address(value.input)];
    const [dq, dk, dv] = [gradientAddress(query.input), gradientAddress(key.input), gradientAddress(value.input)];
    const dBias = gradients.has('bias') ? gradientAddress('bias') : 0;
    const from = address('dy');
    const weightsAddress = address('weights');
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
          attrs['scale'] as number,
        );
      });
    });
    return [...gradients.values()];
  },
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
