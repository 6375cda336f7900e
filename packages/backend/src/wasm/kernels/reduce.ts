import { backend_util, Mean, Sum, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { reductionBlocks } from '../../reduction-blocks.js';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmCall, WasmKernel } from '../wasm-kernel.js';

// The engine transposes before it sums over axes other than the last. These kernels sum neighbouring axes in place.

export const sumKernel: WasmKernel = {
  name: Sum,
  run: (call) => reduce(call, () => 1),
};

export const meanKernel: WasmKernel = {
  name: Mean,
  run: (call) => reduce(call, (count) => 1 / count),
};

function reduce(call: WasmCall, scale: (count: number) => number): TensorInfo {
  const { backend, inputs, attrs } = call;
  const x = inputs['x']!;
  const axes = util.parseAxisParam(attrs['axis'] as number[], x.shape);
  const blocks = reductionBlocks(x.shape, axes);
  if (x.dtype !== 'float32' || blocks === undefined) return call.engineKernel();

  const [keptShape] = backend_util.computeOutAndReduceShapes(
    x.shape,
    [...axes].sort((a, b) => a - b),
  );
  const shape = attrs['keepDims'] ? backend_util.expandShapeToKeepDim(keptShape, axes) : keptShape;
  const out = backend.makeOutput(shape, 'float32');
  const { outer, middle, inner } = blocks;
  if (middle === 0) backend.typedArrayFromHeap(out).fill(0);
  else
    kernelsOf(backend).exports.sum(addressOf(backend, x), addressOf(backend, out), outer, middle, inner, scale(middle));
  return out;
}
