import type { DataId, DataType, KernelBackend, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';

/** A compute shader as `@tensorflow/tfjs-backend-webgpu` takes it: its WGSL body and how many threads run it. */
export interface WebGpuProgram {
  readonly outputShape: number[];
  readonly variableNames: readonly string[];
  /** Declarations of the uniforms, `name : type, ` each. */
  readonly uniforms?: string;
  readonly workgroupSize: readonly [number, number, number];
  readonly dispatchLayout: { readonly x: readonly number[] };
  dispatch: [number, number, number];
  /** Programs with the same key, input types and ranks share a compiled pipeline. */
  shaderKey: string;
  getUserCode(): string;
}

export interface WebGpuUniform {
  readonly type: 'int32' | 'uint32' | 'float32';
  readonly data: number[];
}

interface BufferManager {
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
  readonly freeBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

interface TensorData {
  values: TypedArray | null | undefined;
  readonly resource: GPUBuffer | undefined;
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

/**
 * The parts of the backend of `@tensorflow/tfjs-backend-webgpu` that this package uses. That package exports no such
 * type.
 */
export interface WebGpuBackend extends KernelBackend {
  readonly device: GPUDevice;
  readonly bufferManager: BufferManager;
  readonly tensorMap: { has(id: DataId): boolean; get(id: DataId): TensorData };
  readonly commandEncoder: GPUCommandEncoder;
  hasReadSyncWarned: boolean;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  makeTensorInfo(shape: readonly number[], dtype: DataType, values?: TypedArray): TensorInfo;
  runWebGPUProgram(
    program: WebGpuProgram,
    inputs: readonly TensorInfo[],
    dtype: DataType,
    uniforms?: readonly WebGpuUniform[],
    output?: TensorInfo,
  ): TensorInfo;
}
