import { backend_util, Mean, Sum, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { reductionBlocks } from '../../reduction-blocks.js';
import { runNative, type TensorFlowCall, type TensorFlowKernel } from '../tensorflow-kernel.js';

// Sums over neighbouring axes, in float32. Other axes and types go to libtensorflow.

export const sumKernel: TensorFlowKernel = {
  name: Sum,
  run: (call) => reduce(call, () => 1),
};

export const meanKernel: TensorFlowKernel = {
  name: Mean,
  run: (call) => reduce(call, (count) => 1 / count),
};

function reduce(
  { memory, inputs, attrs, engineKernel }: TensorFlowCall,
  factor: (count: number) => number,
): TensorInfo | TensorInfo[] {
  const x = inputs['x']!;
  const axes = util.parseAxisParam(attrs['axis'] as number[], x.shape);
  const blocks = reductionBlocks(x.shape, axes);
  if (x.dtype !== 'float32' || blocks === undefined || (blocks.middle === 0 && factor(0) !== 1)) return engineKernel();
  const { outer, middle, inner } = blocks;
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  const shape = attrs['keepDims'] ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
  return runNative(memory, 'Sum', [x], { shape }, [outer, middle, inner, factor(middle)]);
}
