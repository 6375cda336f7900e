import { backend_util, type NamedAttrMap, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';

/** Sizes of `gather(x, indices, axis, batchDims)`. */
export interface GatherSizes {
  readonly shape: number[];
  readonly batch: number;
  /** Of the axes between those of the batch and the one that is gathered from. */
  readonly outer: number;
  /** Of the axis that is gathered from. */
  readonly axis: number;
  /** Indices for each entry of the batch. */
  readonly count: number;
  /** Values for each index. */
  readonly slice: number;
}

export function gatherSizes(x: TensorInfo, indices: TensorInfo, attrs: NamedAttrMap): GatherSizes {
  const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
  const batchDims = attrs['batchDims'] as number;
  // It reads only the shapes of its arguments, so a TensorInfo is enough.
  const { collectGatherOpShapeInfo } = backend_util.segment_util;
  const info = collectGatherOpShapeInfo(x as Tensor, indices as Tensor, axis, batchDims);
  return {
    shape: info.outputShape,
    batch: info.batchSize,
    outer: info.outerSize,
    axis: info.dimSize,
    count: util.sizeFromShape(indices.shape) / Math.max(1, info.batchSize),
    slice: info.sliceSize,
  };
}
