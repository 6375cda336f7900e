import {
  type BackendValues,
  type DataId,
  type DataMover,
  DataStorage,
  type DataType,
  KernelBackend,
  type TensorInfo,
  type TypedArray,
  util,
} from '@tensorflow/tfjs-core';
import { Allocator, type Block } from './allocator.js';
import type { Device } from './device.js';
import { type Launch, Launcher } from './launcher.js';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** A tensor of at most this many values stays on the host, too: many are scalars that kernels take as arguments. */
const KEPT_VALUES = 16;
/** Kernels count elements in 32 bits. */
const MOST_VALUES = 2 ** 31 - 1;

interface TensorData {
  readonly dtype: DataType;
  readonly size: number;
  refCount: number;
  /** Values on the host: of small tensors and of texts. */
  readonly values?: BackendValues | undefined;
  /** Device memory; undefined for an empty tensor, and before a kernel reads values of the host. */
  block?: Block | undefined;
}

/** TensorFlow.js' backend on an NVIDIA GPU. Everything runs in order on one stream; only reads wait for it. */
export class CudaBackend extends KernelBackend {
  readonly device: Device;
  readonly allocator: Allocator;
  readonly #launcher: Launcher;
  readonly #tensors: DataStorage<TensorData>;

  /** @param mover TensorFlow.js' engine, which moves the tensors of other backends here. */
  constructor(device: Device, mover: DataMover) {
    super();
    this.device = device;
    this.allocator = new Allocator(device);
    this.#launcher = new Launcher(device);
    this.#tensors = new DataStorage(this, mover);
  }

  // What kernels use.

  /** Address of a tensor's values on the device; 0 if it is empty. */
  address({ dataId, dtype }: TensorInfo): number {
    const data = this.#tensors.get(dataId);
    if (data.block === undefined && data.size > 0) {
      if (!(dtype in ARRAYS)) throw new Error(`cuda: no kernel computes with ${dtype} tensors`);
      data.block = this.allocator.allocate(data.size * util.bytesPerElement(dtype));
      this.#upload(data.block, data.values as TypedArray);
    }
    return data.block?.address ?? 0;
  }

  /** A new tensor, whose values a kernel writes. TensorFlow.js owns it. */
  output(shape: number[], dtype: DataType = 'float32'): TensorInfo {
    const size = sizeOf(shape);
    const block = size === 0 ? undefined : this.allocator.allocate(size * util.bytesPerElement(dtype));
    return { dataId: this.#keep({ dtype, size, refCount: 1, block }), shape, dtype };
  }

  /** The same values in another shape, without a copy. */
  share({ dataId, shape, dtype }: TensorInfo, newShape: number[] = shape): TensorInfo {
    this.incRef(dataId);
    return { dataId, shape: newShape, dtype };
  }

  /** Values of a tensor that the host knows without waiting; undefined if only the device knows them. */
  knownValues({ dataId }: TensorInfo): BackendValues | undefined {
    return this.#tensors.get(dataId).values;
  }

  /** Starts a kernel. */
  run(launch: Launch): void {
    this.#launcher.run(launch);
  }

  /** Releases a tensor that a kernel made for itself. */
  release({ dataId }: TensorInfo): void {
    this.disposeData(dataId);
  }

  // What TensorFlow.js calls.

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    if (dtype === 'complex64') throw new Error('cuda: complex numbers are not supported');
    const size = sizeOf(shape);
    if (dtype === 'string') {
      this.#tensors.set(dataId, { dtype, size, refCount, values });
      return;
    }
    const array = toArray(values, dtype, size);
    if (size <= KEPT_VALUES) {
      this.#tensors.set(dataId, { dtype, size, refCount, values: array.slice() });
      return;
    }
    const block = this.allocator.allocate(array.byteLength);
    this.#upload(block, array);
    this.#tensors.set(dataId, { dtype, size, refCount, block });
  }

  override readSync(dataId: DataId): BackendValues {
    const { values, block, dtype, size } = this.#tensors.get(dataId);
    if (values !== undefined) return dtype === 'string' ? values : (values as TypedArray).slice();
    const array = new ARRAYS[dtype as keyof typeof ARRAYS](size);
    if (block === undefined) return array;
    const { driver, stream } = this.device;
    driver.call(
      'cuMemcpyDtoHAsync_v2',
      `reading ${array.byteLength} bytes`,
      array,
      block.address,
      array.byteLength,
      stream,
    );
    this.device.synchronize();
    return array;
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#tensors.has(dataId)) return true;
    const data = this.#tensors.get(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.block !== undefined) this.allocator.release(data.block);
    this.#tensors.delete(dataId);
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.#tensors.has(dataId) ? this.#tensors.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.#tensors.get(dataId).refCount++;
  }

  override numDataIds(): number {
    return this.#tensors.numDataIds();
  }

  /** The allocator's figures are part of TensorFlow.js' `memory()`. */
  override memory(): {
    unreliable: boolean;
    numBytesInGPU: number;
    numBytesInGPUPeak: number;
    numBytesInGPUKept: number;
  } {
    const { used, peak, kept } = this.allocator.statistics;
    return { unreliable: false, numBytesInGPU: used, numBytesInGPUPeak: peak, numBytesInGPUKept: kept };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** Milliseconds until everything that a function starts is done. */
  override async time(run: () => void): Promise<{ kernelMs: number }> {
    this.device.synchronize();
    const start = performance.now();
    run();
    this.device.synchronize();
    return { kernelMs: performance.now() - start };
  }

  override dispose(): void {
    this.allocator.returnKept();
    this.device.dispose();
  }

  #keep(data: TensorData): DataId {
    const dataId = {};
    this.#tensors.set(dataId, data);
    return dataId;
  }

  /** The driver has read the values when the call returns. */
  #upload({ address }: Block, values: TypedArray): void {
    const { driver, stream } = this.device;
    const bytes = values.byteLength;
    driver.call('cuMemcpyHtoDAsync_v2', `uploading ${bytes} bytes`, address, values, bytes, stream);
  }
}

function sizeOf(shape: readonly number[]): number {
  const size = util.sizeFromShape([...shape]);
  if (size > MOST_VALUES) {
    throw new RangeError(`cuda: expected a tensor of at most 2³¹ − 1 values, got ${size} in [${shape}]`);
  }
  return size;
}

/** TensorFlow.js may pass plain arrays, and arrays of another type. */
function toArray(values: BackendValues, dtype: DataType, size: number): TypedArray {
  const type = ARRAYS[dtype as keyof typeof ARRAYS];
  const array = values instanceof type ? values : type.from(values as ArrayLike<number>);
  if (array.length !== size) throw new Error(`cuda: expected ${size} values, got ${array.length}`);
  return array;
}
