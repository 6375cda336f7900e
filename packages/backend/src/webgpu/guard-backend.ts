import { type DataId, type TypedArray, util } from '@tensorflow/tfjs-core';
import { DeviceWatch, outOfMemory } from './device-watch.js';
import { type DawnClock, readNow } from './read-now.js';
import type { WebGpuBackend } from './webgpu-backend.js';

const MIB = 2 ** 20;

/** Bytes of one `vec4`. An empty tensor gets a buffer of this size, because WebGPU cannot bind an empty one. */
const SMALLEST_BINDING = 16;

/**
 * Makes a backend throw where WebGPU itself silently continues with zeros: after the GPU was lost, without memory, and
 * when a kernel is rejected. With Dawn's clock, the backend also reads a tensor synchronously (`dataSync`), for which
 * it otherwise needs a browser's canvas.
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
      if ((error as Error).name === 'AbortError') watch.markLost('while a tensor was read');
      watch.check('a read');
      throw error;
    }
  };

  backend.hasReadSyncWarned = true; // The engine's warning about a synchronous read does not say what to change.
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

/** Sets the values of an empty tensor. The contents of its buffer do not belong to it. */
function keepEmpty(backend: WebGpuBackend, id: DataId): void {
  const data = backend.tensorMap.get(id);
  if (data.values == null && data.dtype !== 'complex64' && data.shape.includes(0)) {
    data.values = util.getTypedArrayFromDType(data.dtype as 'float32', 0);
  }
}

/** @returns undefined for a tensor whose values are not, or not only, on the GPU. */
function readNowAndKeep(backend: WebGpuBackend, clock: DawnClock, id: DataId, watch: DeviceWatch) {
  const data = backend.tensorMap.get(id);
  if (data.values != null || data.resource === undefined || data.dtype === 'complex64') return undefined;
  const bytes = readNow(backend, clock, data.resource);
  if (bytes === undefined) {
    watch.markLost('while a tensor was read');
    watch.check('a read');
    return undefined;
  }
  const values = util.convertBackendValuesAndArrayBuffer(bytes, data.dtype) as TypedArray;
  data.values = values;
  return values;
}

/**
 * The backend keeps released buffers for later tensors of the same size. When memory runs out, those buffers are
 * destroyed before an allocation fails.
 */
function guardAllocation(backend: WebGpuBackend, watch: DeviceWatch, clock: DawnClock | undefined): void {
  const { bufferManager } = backend;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  const tryAcquire: typeof acquire = (size, ...rest) => {
    const buffer = acquire(size, ...rest);
    if (!watch.takeOutOfMemory()) return buffer;
    bufferManager.releaseBuffer(buffer, false);
    throw outOfMemory(
      `(needs ${Math.ceil(size / MIB)} MiB more, holds ${Math.round(bufferManager.numBytesAllocated / MIB)} MiB)`,
    );
  };
  bufferManager.acquireBuffer = (requested, ...rest) => {
    const size = requested === 0 ? SMALLEST_BINDING : requested;
    watch.checkSize(size);
    try {
      return tryAcquire(size, ...rest);
    } catch {
      destroyFreeBuffers(backend, clock);
      return tryAcquire(size, ...rest);
    }
  };
}

function destroyFreeBuffers(backend: WebGpuBackend, clock: DawnClock | undefined): void {
  const { bufferManager, device } = backend;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue(); // Buffers that wait for the end of this batch of commands become free, too.
  for (const buffers of bufferManager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      bufferManager.numFreeBuffers--;
      bufferManager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
  }
  if (clock === undefined) return;
  // Dawn returns a destroyed buffer's memory when commands that were submitted later are done.
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
