import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  backend_util,
  Conv2DBackpropFilter,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmCall, WasmKernel } from '../wasm-kernel.js';

// The engine computes convolutions but lacks these three kernels, and without them no filter can be trained. As in
// TensorFlow.js, dilated convolutions have no gradient.

type Entry = 'convolutionFilterGradient' | 'depthwiseFilterGradient' | 'depthwiseInputGradient';
type Size = [number, number, number, number];

export const convolutionFilterGradientKernel: WasmKernel = {
  name: Conv2DBackpropFilter,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const [x, dy] = [inputs['x']!, inputs['dy']!];
    const format = attrs['dataFormat'] as 'NHWC' | 'NCHW';
    if (format === 'NCHW') throw new Error('Conv2DBackpropFilter on wasm: expected dataFormat NHWC, got NCHW');
    const filterShape = attrs['filterShape'] as Size;
    const info = convolution(call, x.shape, filterShape, false);
    const dw = backend.makeOutput(filterShape, 'float32');
    return run(backend, 'convolutionFilterGradient', [x, dy, dw], info, info.outChannels);
  },
};

export const depthwiseFilterGradientKernel: WasmKernel = {
  name: DepthwiseConv2dNativeBackpropFilter,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const [x, dy] = [inputs['x']!, inputs['dy']!];
    const filterShape = attrs['filterShape'] as Size;
    const info = convolution(call, x.shape, filterShape, true);
    const dw = backend.makeOutput(filterShape, 'float32');
    return run(backend, 'depthwiseFilterGradient', [x, dy, dw], info, filterShape[3]);
  },
};

export const depthwiseInputGradientKernel: WasmKernel = {
  name: DepthwiseConv2dNativeBackpropInput,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const [filter, dy] = [inputs['filter']!, inputs['dy']!];
    const inputShape = attrs['inputShape'] as Size;
    const info = convolution(call, inputShape, filter.shape, true);
    const dx = backend.makeOutput(inputShape, 'float32');
    return run(backend, 'depthwiseInputGradient', [filter, dy, dx], info, filter.shape[3]!);
  },
};

function convolution(
  { attrs }: WasmCall,
  inputShape: number[],
  filterShape: number[],
  depthwise: boolean,
): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    inputShape as Size,
    filterShape as Size,
    attrs['strides'] as [number, number],
    (attrs['dilations'] as [number, number] | undefined) ?? 1,
    attrs['pad'] as 'same' | 'valid' | number,
    attrs['dimRoundingMode'] as 'floor' | 'round' | 'ceil' | undefined,
    depthwise,
  );
}

/**
 * Runs a kernel that writes the third tensor, and returns that tensor.
 *
 * @param outputs number of output channels; for depthwise kernels, of each input channel.
 */
function run(
  backend: BackendWasm,
  entry: Entry,
  tensors: readonly [TensorInfo, TensorInfo, TensorInfo],
  info: backend_util.Conv2DInfo,
  outputs: number,
): TensorInfo {
  const [first, second, third] = tensors.map((tensor) => addressOf(backend, tensor)) as [number, number, number];
  kernelsOf(backend).exports[entry](
    first,
    second,
    third,
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    outputs,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  );
  return tensors[2];
}
