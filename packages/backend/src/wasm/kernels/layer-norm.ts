import { expectShape, layerNormRows } from '../../fused-kernels/check-shapes.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmFusedKernel } from '../wasm-kernel.js';
import { withWorkingMemory } from '../working-memory.js';

export const layerNorm: WasmFusedKernel<'LayerNorm'> = ({ backend, inputs: { x, scale, shift }, attributes }) => {
  const { rows, width } = layerNormRows('LayerNorm on wasm', x, { scale, shift });
  const out = backend.makeOutput(x.shape, 'float32');
  kernelsOf(backend).exports.layerNorm(
    addressOf(backend, x),
    addressOf(backend, scale),
    addressOf(backend, shift),
    addressOf(backend, out),
    rows,
    width,
    attributes.epsilon,
  );
  return out;
};

export const layerNormGradient: WasmFusedKernel<'LayerNormGradient'> = ({ backend, inputs, attributes }) => {
  const { x, scale, dy } = inputs;
  const { rows, width } = layerNormRows('LayerNormGradient on wasm', x, { scale });
  expectShape('LayerNormGradient on wasm', 'dy', dy, x.shape);
  const dx = backend.makeOutput(x.shape, 'float32');
  const dScale = backend.makeOutput([width], 'float32');
  const dShift = backend.makeOutput([width], 'float32');
  withWorkingMemory(backend, 8 * width, (partial) => {
    kernelsOf(backend).exports.layerNormGradient(
      addressOf(backend, x),
      addressOf(backend, dy),
      addressOf(backend, scale),
      addressOf(backend, dx),
      addressOf(backend, dScale),
      addressOf(backend, dShift),
      partial,
      rows,
      width,
      attributes.epsilon,
    );
  });
  return [dx, dScale, dShift];
};
