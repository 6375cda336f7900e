import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { NativeBuffer, NativeLibrary, Values } from './native-library.js';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number;
}

/** tfjs-node's record of a tensor. This package adds `buffer`. */
interface TensorData {
  readonly shape: number[];
  /** libtensorflow's number of the type. */
  readonly dtype: number;
  /** Values that libtensorflow does not have yet. */
  values: Values | null;
  /** Index in the binding's table of tensors; negative if the tensor is not in it. */
  id: number;
  refCount: number;
  buffer?: NativeBuffer;
}

/** The parts of tfjs-node's backend that manage tensors. */
export interface TensorFlowBackend {
  readonly binding: {
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_BOOL: number;
    readonly TF_ATTR_TYPE: number;
    executeOp(
      name: string,
      attributes: readonly Attribute[],
      ids: readonly number[],
      outputs: number,
    ): { readonly id: number }[];
  };
  readonly tensorMap: {
    get(dataId: object): TensorData;
    set(dataId: object, data: TensorData): void;
    has(dataId: object): boolean;
  };
  getInputTensorIds(tensors: readonly unknown[]): number[];
  disposeData(dataId: object, force?: boolean): boolean;
  readSync(dataId: object): Values;
  incRef(dataId: object): void;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
type Plain = keyof typeof ARRAYS;

/**
 * Tensors of the `tensorflow` backend as buffers of our native library. A call of libtensorflow costs 20 µs or more,
 * whatever it computes; a call of our library costs about 1 µs. Our kernels read their inputs here and leave their
 * outputs here. libtensorflow's kernels find those outputs when they need them, in the same memory.
 */
export class TensorMemory {
  readonly library: NativeLibrary;
  readonly #backend: TensorFlowBackend;
  readonly #types: Readonly<Record<Plain, number>>;
  readonly #originals: Pick<TensorFlowBackend, 'getInputTensorIds' | 'disposeData' | 'readSync'>;

  private constructor(backend: TensorFlowBackend, library: NativeLibrary) {
    this.library = library;
    this.#backend = backend;
    const { TF_FLOAT, TF_INT32, TF_BOOL } = backend.binding;
    this.#types = { float32: TF_FLOAT, int32: TF_INT32, bool: TF_BOOL };
    this.#originals = {
      getInputTensorIds: backend.getInputTensorIds.bind(backend),
      disposeData: backend.disposeData.bind(backend),
      readSync: backend.readSync.bind(backend),
    };
    backend.getInputTensorIds = (tensors) => this.#idsOf(tensors);
    backend.disposeData = (dataId, force) => this.#dispose(dataId, force);
    backend.readSync = (dataId) => this.#read(dataId);
  }

  /** The memory of a backend. The first call patches the backend, so that it finds our tensors. */
  static of(backend: TensorFlowBackend, library: NativeLibrary): TensorMemory {
    const known = memories.get(backend) ?? new TensorMemory(backend, library);
    memories.set(backend, known);
    return known;
  }

  /**
   * Whether our kernels can read a tensor. They know three types; libtensorflow has more, and TensorFlow.js calls its
   * int64 `int32`, too.
   */
  holds({ dataId, dtype }: TensorInfo): boolean {
    return dtype in ARRAYS && this.#backend.tensorMap.get(dataId).dtype === this.#types[dtype as Plain];
  }

  /** The buffer of a tensor for which {@link holds} is true. It lives as long as the tensor. */
  bufferOf({ dataId }: TensorInfo): NativeBuffer {
    const data = this.#backend.tensorMap.get(dataId);
    if (data.buffer !== undefined) return data.buffer;
    if (data.values !== null) {
      if (data.values.length !== util.sizeFromShape(data.shape)) {
        throw new Error(`tensorflow: expected values for [${data.shape}], got ${data.values.length}`);
      }
      data.buffer = this.library.upload(data.values);
      data.values = null;
    } else {
      this.#backend.binding.executeOp('SifakaBorrow', [this.#type(data.dtype)], [data.id], 0);
      const buffer = this.library.borrowed();
      if (buffer === 0) throw new Error('tensorflow: out of memory');
      data.buffer = buffer;
    }
    return data.buffer;
  }

  /** Makes a tensor of a buffer and takes ownership of the buffer. */
  wrap(buffer: NativeBuffer, shape: number[], dtype: DataType): TensorInfo {
    const dataId = {};
    const type = this.#types[dtype as Plain];
    this.#backend.tensorMap.set(dataId, { shape, dtype: type, values: null, id: -1, refCount: 1, buffer });
    return { dataId, shape, dtype };
  }

  /** The same values in another shape. */
  reshape(x: TensorInfo, shape: number[]): TensorInfo {
    const buffer = this.bufferOf(x);
    this.library.retain(buffer);
    return this.wrap(buffer, shape, x.dtype);
  }

  /** The same values in the same shape. */
  share({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    this.#backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  #type(value: number): Attribute {
    return { name: 'T', type: this.#backend.binding.TF_ATTR_TYPE, value };
  }

  #idsOf(tensors: readonly unknown[]): number[] {
    for (const { dataId } of tensors as readonly TensorInfo[]) {
      // tfjs-node passes 64-bit integers as objects of its own.
      if (dataId === undefined) continue;
      const data = this.#backend.tensorMap.get(dataId);
      if (data.buffer === undefined || data.id >= 0) continue;
      this.library.lend(data.buffer, data.dtype, Float64Array.from(data.shape));
      data.id = this.#backend.binding.executeOp('SifakaLend', [this.#type(data.dtype)], [], 1)[0]!.id;
    }
    return this.#originals.getInputTensorIds(tensors);
  }

  #dispose(dataId: object, force?: boolean): boolean {
    const buffer = this.#backend.tensorMap.has(dataId) ? this.#backend.tensorMap.get(dataId).buffer : undefined;
    const gone = this.#originals.disposeData(dataId, force);
    if (gone && buffer !== undefined) this.library.release(buffer);
    return gone;
  }

  #read(dataId: object): Values {
    const data = this.#backend.tensorMap.has(dataId) ? this.#backend.tensorMap.get(dataId) : undefined;
    if (data?.buffer === undefined) return this.#originals.readSync(dataId);
    const dtype = Object.entries(this.#types).find(([, type]) => type === data.dtype)![0] as Plain;
    const values = new ARRAYS[dtype](util.sizeFromShape(data.shape));
    this.library.read(data.buffer, values);
    return values;
  }
}

const memories = new WeakMap<TensorFlowBackend, TensorMemory>();
