import { type DataId, type TypedArray, util } from '@tensorflow/tfjs-core';
import { DeviceWatch, outOfMemory } from './device-watch.js';
import { type DawnClock, readNow } from './read-now.js';
import type { WebGpuBackend } from './webgpu-backend.js';

const MIB = 2 ** 20;

/** Bytes of one `vec4`. An empty tensor has a buffer of this size: WebGPU binds none of size 0. */
const SMALLEST_BINDING = 16;

/**
 * Makes a backend throw where WebGPU itself goes on in silence with zeros: after a lost GPU, without room, and where a kernel is refused.
 * With Dawn's clock it also learns to read a tensor at once (`dataSync`), for which it otherwise needs a browser's canvas.
 *
 * @returns the watch over its device.
 */
export function guardBackend(backend: WebGpuBackend, clock: DawnClock | undefined): DeviceWatch {
  const watch = new DeviceWatch(backend.device);
  guardAllocation(backend, watch, clock);

  const run = backend.runWebGPUProgram.bind(backend);
  backend.runWebGPUProgram = (program, inputs, dtype, uniforms, output) => {
    watch.check(program.constructor.name);
    const result = run(program, inputs, dtype, uniforms, output);
    try {
      watch.check(program.constructor.name);
    } catch (error) {
      if (output === undefined) backend.disposeData(result.dataId);
      throw error;
    }
    return result;
  };

  const read = backend.read.bind(backend);
  backend.read = async (id) => {
    watch.check('a read');
    keepEmpty(backend, id);
    try {
      const values = await read(id);
      watch.check('a read');
      return values;
    } catch (error) {
      if ((error as Error).name === 'AbortError') watch.sayLost('while a tensor was read');
      watch.check('a read');
      throw error;
    }
  };

  backend.hasReadSyncWarned = true; // A warning once, on the first of all reads, tells nobody what to change.
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (id) => {
    watch.check('a read');
    keepEmpty(backend, id);
    const values = clock === undefined ? readSync(id) : (readNowAndKeep(backend, clock, id, watch) ?? readSync(id));
    watch.check('a read');
    return values;
  };
  return watch;
}

/** The values of an empty tensor are known; those of its buffer are not its own. */
function keepEmpty(backend: WebGpuBackend, id: DataId): void {
  const data = backend.tensorMap.get(id);
  if (data.values == null && data.dtype !== 'complex64' && data.shape.includes(0)) {
    data.values = util.getTypedArrayFromDType(data.dtype as 'float32', 0);
  }
}

/** @returns undefined for what is not (only) in a buffer on the GPU. */
function readNowAndKeep(backend: WebGpuBackend, clock: DawnClock, id: DataId, watch: DeviceWatch) {
  const data = backend.tensorMap.get(id);
  if (data.values != null || data.resource === undefined || data.dtype === 'complex64') return undefined;
  const bytes = readNow(backend, clock, data.resource);
  if (bytes === undefined) {
    watch.sayLost('while a tensor was read');
    watch.check('a read');
    return undefined;
  }
  const values = util.convertBackendValuesAndArrayBuffer(bytes, data.dtype) as TypedArray;
  data.values = values;
  return values;
}

/** The backend keeps every buffer that it ever made for the next tensor of its size; without room, those that wait are given up first. */
function guardAllocation(backend: WebGpuBackend, watch: DeviceWatch, clock: DawnClock | undefined): void {
  const { bufferManager } = backend;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  const tryAcquire: typeof acquire = (size, ...rest) => {
    const buffer = acquire(size, ...rest);
    if (!watch.takeOutOfMemory()) return buffer;
    bufferManager.releaseBuffer(buffer, false);
    throw outOfMemory(
      `(${Math.ceil(size / MIB)} MiB more; it holds ${Math.round(bufferManager.numBytesAllocated / MIB)})`,
    );
  };
  bufferManager.acquireBuffer = (asked, ...rest) => {
    const size = asked === 0 ? SMALLEST_BINDING : asked;
    watch.checkSize(size);
    try {
      return tryAcquire(size, ...rest);
    } catch {
      giveUpFreeBuffers(backend, clock);
      return tryAcquire(size, ...rest);
    }
  };
}

function giveUpFreeBuffers(backend: WebGpuBackend, clock: DawnClock | undefined): void {
  const { bufferManager, device } = backend;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue(); // What waits for the end of this batch of commands comes free, too.
  for (const buffers of bufferManager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      bufferManager.numFreeBuffers--;
      bufferManager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
  }
  if (clock === undefined) return;
  // Dawn gives memory back when commands that were submitted after the end of a buffer are done.
  for (let round = 0; round < 2; round++) {
    const fence = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.clearBuffer(fence);
    device.queue.submit([encoder.finish()]);
    fence.mapAsync(GPUMapMode.READ).catch(() => {});
    clock.waitFor(() => fence.mapState !== 'pending');
    fence.destroy();
  }
}
