import { EngineError } from '../engine-error.js';

const MIB = 2 ** 20;

/**
 * Collects the errors that a GPU device reports. WebGPU calls never throw: they continue with zeros. Callers check
 * this watch before and after each computation.
 */
export class DeviceWatch {
  readonly #device: GPUDevice;
  #errors: GPUError[] = [];
  #lost: string | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault(); // It is thrown below instead of printed.
      this.#errors.push(event.error);
    });
    void device.lost.then(({ reason, message }) => this.markLost(message || reason));
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  markLost(how: string): void {
    this.#lost ??= how;
  }

  /**
   * @throws {@link EngineError} if the GPU is lost or out of memory; an Error that quotes WebGPU for any other failure.
   */
  check(what: string): void {
    if (this.#lost !== undefined) {
      const help = "await useEngine('webgpu') starts it again; npx @sifaka/backend doctor says whether it works";
      throw new EngineError('webgpu', `the GPU was lost (${this.#lost}): its tensors are gone`, help);
    }
    const [error] = this.#errors;
    if (error === undefined) return;
    this.#errors = [];
    if (isOutOfMemory(error)) throw outOfMemory(`in ${what}`);
    throw new Error(`webgpu: ${what}: ${error.message}`);
  }

  /** Whether the GPU ran out of memory since the last call. Forgets that error. */
  takeOutOfMemory(): boolean {
    const others = this.#errors.filter((error) => !isOutOfMemory(error));
    const found = others.length < this.#errors.length;
    this.#errors = others;
    return found;
  }

  /** @throws {@link EngineError} if this adapter allows no buffer of this size, however much memory is free. */
  checkSize(bytes: number): void {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (bytes <= most) return;
    const size = `expected at most ${Math.floor(most / MIB)} MiB in one tensor, got ${Math.ceil(bytes / MIB)}`;
    throw new EngineError('webgpu', size, 'a smaller batch or shorter histories');
  }
}

export function outOfMemory(where: string): EngineError {
  return new EngineError('webgpu', `the GPU is out of memory ${where}`, 'a smaller batch or shorter histories');
}

function isOutOfMemory(error: GPUError): boolean {
  return error.constructor.name === 'GPUOutOfMemoryError';
}
