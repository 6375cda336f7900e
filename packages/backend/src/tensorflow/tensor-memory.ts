import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Buffer, NativeLibrary, Values } from './native-library.js';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number;
}

/** What tfjs-node's backend keeps of a tensor; `buffer` is ours. */
interface TensorData {
  readonly shape: number[];
  /** A number of libtensorflow's. */
  readonly dtype: number;
  /** Values that have not been handed over yet. */
  values: Values | null;
  /** Of the binding's table of tensors; negative where it has none. */
  id: number;
  refCount: number;
  buffer?: Buffer;
}

/** The parts of tfjs-node's backend that hold tensors. */
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
 * Tensors of the `tensorflow` backend as buffers of our library. A call of libtensorflow costs 20 µs and more whatever it computes, one of
 * ours about one: kernels of ours find their inputs here, and put their outputs here, where libtensorflow's find them when they need
 * them, in the same memory.
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

  /** The memory of a backend, which from the first call on knows where to find our tensors. */
  static of(backend: TensorFlowBackend, library: NativeLibrary): TensorMemory {
    const known = memories.get(backend) ?? new TensorMemory(backend, library);
    memories.set(backend, known);
    return known;
  }

  /** Whether kernels of ours can read a tensor: libtensorflow has more types than TensorFlow.js, which calls int64 int32. */
  holds({ dataId, dtype }: TensorInfo): boolean {
    return dtype in ARRAYS && this.#backend.tensorMap.get(dataId).dtype === this.#types[dtype as Plain];
  }

  /** The values of a tensor that {@link holds} is true for. The buffer lives as long as the tensor. */
  bufferOf({ dataId }: TensorInfo): Buffer {
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

  /** A tensor around a buffer, which it takes over. */
  wrap(buffer: Buffer, shape: number[], dtype: DataType): TensorInfo {
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
      // tfjs-node passes numbers of 64 bits as objects of its own.
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
