import {
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type CudaCall, type CudaKernel, runEach } from '../cuda-kernel.js';

type Size = [number, number, number, number];

/** Names of the two inputs, the attribute with the result's shape, and the kernel of convolution.cu. */
type Form = readonly [name: string, inputs: readonly [string, string], shape: string | undefined, kernel: string];

const PLAIN: readonly Form[] = [
  [Conv2D, ['x', 'filter'], undefined, 'convolve'],
  [Conv2DBackpropInput, ['dy', 'filter'], 'inputShape', 'convolve_input_gradient'],
  [Conv2DBackpropFilter, ['x', 'dy'], 'filterShape', 'convolve_filter_gradient'],
];
const DEPTHWISE: readonly Form[] = [
  [DepthwiseConv2dNative, ['x', 'filter'], undefined, 'convolve'],
  [DepthwiseConv2dNativeBackpropInput, ['dy', 'filter'], 'inputShape', 'convolve_input_gradient'],
  [DepthwiseConv2dNativeBackpropFilter, ['x', 'dy'], 'filterShape', 'convolve_filter_gradient'],
];

export const CONVOLUTION_KERNELS: readonly CudaKernel[] = [
  ...PLAIN.map((form) => convolution(form, false)),
  ...DEPTHWISE.map((form) => convolution(form, true)),
];

function convolution([name, [first, second], shapeName, kernel]: Form, depthwise: boolean): CudaKernel {
  return {
    name,
    run: (call) => {
      const { cuda, inputs, attrs } = call;
      if ((attrs['dataFormat'] ?? 'NHWC') !== 'NHWC') {
        throw new Error(`${name} on cuda: expected dataFormat NHWC, got ${attrs['dataFormat']}`);
      }
      const image = shapeName === 'inputShape' ? (attrs[shapeName] as Size) : inputs['x']!.shape;
      const filter = shapeName === 'filterShape' ? (attrs[shapeName] as Size) : inputs['filter']!.shape;
      const info = convolutionInfo(call, image as Size, filter as Size, depthwise);
      const out = cuda.output(shapeName === undefined ? info.outShape : [...(attrs[shapeName] as Size)]);
      const tensors: TensorInfo[] = [inputs[first]!, inputs[second]!, out];
      runEach(
        cuda,
        kernel,
        util.sizeFromShape(out.shape),
        tensors.map((each) => cuda.address(each)),
        [
          ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
          ...[info.outHeight, info.outWidth, info.outChannels, info.filterHeight, info.filterWidth],
          ...[info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
          ...[info.dilationHeight, info.dilationWidth, depthwise ? filter[3]! : 0],
        ],
      );
      return out;
    },
  };
}

function convolutionInfo({ attrs }: CudaCall, image: Size, filter: Size, depthwise: boolean): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    image,
    filter,
    attrs['strides'] as [number, number],
    (attrs['dilations'] as [number, number] | undefined) ?? 1,
    attrs['pad'] as 'same' | 'valid' | number,
    attrs['dimRoundingMode'] as 'floor' | 'round' | 'ceil' | undefined,
    depthwise,
  );
}
