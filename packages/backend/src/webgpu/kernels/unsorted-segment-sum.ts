import { type KernelConfig, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WebGpuBackend, WebGpuProgram } from '../webgpu-backend.js';

const WORKGROUP = 64;
const THREADS = 4096;

/**
 * Adds up the rows of each segment: the gradient of `gather`. Rows with an id below 0 or beyond the last segment are
 * ignored.
 *
 * The engine's own kernel adds atomically, in an order that changes from run to run, and so do the last digits. It also
 * wraps ids that are too large. Here each thread owns the cells of one column in every `lanes`-th segment, and reads
 * the rows in order.
 */
export const unsortedSegmentSumKernel: KernelConfig = {
  kernelName: 'UnsortedSegmentSum',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
    const { numSegments } = attrs as unknown as { numSegments: number };
    const gpu = backend as WebGpuBackend;
    const [rows = 0, ...rest] = x.shape;
    const width = util.sizeFromShape(rest);
    const shape = [numSegments, ...rest];
    const size = numSegments * width;
    if (rows === 0 || size === 0) {
      return gpu.makeTensorInfo(shape, x.dtype, util.getTypedArrayFromDType(x.dtype as 'float32', size));
    }
    const lanes = Math.min(numSegments, Math.max(8, Math.ceil(THREADS / width)));
    const sums = gpu.runWebGPUProgram(
      new SegmentSumProgram(numSegments, width, lanes),
      [
        { ...x, shape: [rows, width] },
        { ...segmentIds, shape: [rows] },
      ],
      x.dtype,
      [{ type: 'int32', data: [rows, numSegments, width, lanes] }],
    );
    return { ...sums, shape };
  },
};

class SegmentSumProgram implements WebGpuProgram {
  readonly outputShape: number[];
  readonly variableNames: readonly string[] = ['x', 'ids'];
  readonly uniforms = 'sizes : vec4<i32>, ';
  readonly workgroupSize: readonly [number, number, number] = [WORKGROUP, 1, 1];
  readonly dispatchLayout: { readonly x: readonly number[] } = { x: [0, 1] };
  dispatch: [number, number, number];
  shaderKey = 'sifakaSegmentSum';

  constructor(numSegments: number, width: number, lanes: number) {
    this.outputShape = [numSegments, width];
    this.dispatch = [Math.ceil((lanes * width) / WORKGROUP), 1, 1];
  }

  getUserCode(): string {
    return `
      fn main(index : i32) {
        let rows = uniforms.sizes.x;
        let segments = uniforms.sizes.y;
        let width = uniforms.sizes.z;
        let lanes = uniforms.sizes.w;
        let lane = index / width;
        let column = index % width;
        if (lane >= lanes) { return; }
        for (var segment = lane; segment < segments; segment += lanes) {
          result[segment * width + column] = 0;
        }
        for (var row = 0; row < rows; row++) {
          let segment = ids[row];
          if (segment >= 0 && segment < segments && segment % lanes == lane) {
            result[segment * width + column] += x[row * width + column];
          }
        }
      }
    `;
  }
}
