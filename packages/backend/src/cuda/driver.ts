import type { LibraryHandle } from 'koffi';
import { EngineError } from '../engine-error.js';
import { importPackage } from '../import-package.js';
import { CUDA_OUT_OF_MEMORY, CUDA_SUCCESS, driverError } from './driver-error.js';

/** An opaque pointer of the driver: a context, module, function or stream. */
export type Handle = object;

/** A function of the driver. It returns a `CUresult`. */
type Call = (...values: unknown[]) => number;

/** The driver's functions that the engine calls, as C declares them. */
const DECLARATIONS = {
  cuInit: 'int cuInit(uint flags)',
  cuDriverGetVersion: 'int cuDriverGetVersion(_Out_ int* version)',
  cuDeviceGetCount: 'int cuDeviceGetCount(_Out_ int* count)',
  cuDeviceGet: 'int cuDeviceGet(_Out_ int* device, int ordinal)',
  cuDeviceGetName: 'int cuDeviceGetName(_Out_ uint8_t* name, int length, int device)',
  cuDeviceGetAttribute: 'int cuDeviceGetAttribute(_Out_ int* value, int attribute, int device)',
  cuDevicePrimaryCtxRetain: 'int cuDevicePrimaryCtxRetain(_Out_ void** context, int device)',
  cuDevicePrimaryCtxRelease_v2: 'int cuDevicePrimaryCtxRelease_v2(int device)',
  cuCtxSetCurrent: 'int cuCtxSetCurrent(void* context)',
  cuModuleLoadData: 'int cuModuleLoadData(_Out_ void** module, const void* image)',
  cuModuleGetFunction: 'int cuModuleGetFunction(_Out_ void** function, void* module, str name)',
  cuMemAlloc_v2: 'int cuMemAlloc_v2(_Out_ uint64_t* address, size_t bytes)',
  cuMemFree_v2: 'int cuMemFree_v2(uint64_t address)',
  cuMemGetInfo_v2: 'int cuMemGetInfo_v2(_Out_ size_t* free, _Out_ size_t* total)',
  cuMemcpyHtoDAsync_v2: 'int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream)',
  cuMemcpyDtoHAsync_v2: 'int cuMemcpyDtoHAsync_v2(_Out_ void* to, uint64_t from, size_t bytes, void* stream)',
  cuMemsetD32Async: 'int cuMemsetD32Async(uint64_t to, uint value, size_t count, void* stream)',
  cuMemsetD8Async: 'int cuMemsetD8Async(uint64_t to, uint8_t value, size_t count, void* stream)',
  cuStreamCreate: 'int cuStreamCreate(_Out_ void** stream, uint flags)',
  cuStreamDestroy_v2: 'int cuStreamDestroy_v2(void* stream)',
  cuStreamSynchronize: 'int cuStreamSynchronize(void* stream)',
  cuLaunchKernel: `int cuLaunchKernel(void* function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ,
      uint sharedBytes, void* stream, void* parameters, void* extra)`,
} as const;

/** Name of a function of the driver. */
export type CallName = keyof typeof DECLARATIONS;

/** NVIDIA's driver, called through koffi: no toolkit, no compiler. */
export class Driver {
  /** Version of CUDA that the driver supports, such as `12.4`. */
  readonly cudaVersion: string;
  /** The address of a typed array, or another value of koffi's. */
  readonly addressOf: (value: ArrayBufferView) => bigint;
  readonly #calls: Readonly<Record<CallName, Call>>;
  readonly #errorText: (kind: 'Name' | 'String', code: number) => string;

  private constructor(library: LibraryHandle, addressOf: (value: unknown) => bigint) {
    const calls = Object.entries(DECLARATIONS).map(([name, declaration]) => [name, library.func(declaration)]);
    this.#calls = Object.fromEntries(calls) as Record<CallName, Call>;
    const texts = {
      Name: library.func('int cuGetErrorName(int code, _Out_ str* text)'),
      String: library.func('int cuGetErrorString(int code, _Out_ str* text)'),
    };
    this.#errorText = (kind, code) => {
      const text: [string | null] = [null];
      texts[kind](code, text);
      return text[0] ?? `error ${code}`;
    };
    this.addressOf = addressOf;
    this.call('cuInit', 'starting the driver', 0);
    const version = this.read('cuDriverGetVersion', 'the version of the driver');
    this.cudaVersion = `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;
  }

  /**
   * Loads and starts the driver.
   *
   * @param file the driver's library; default: the variable `SIFAKA_CUDA_DRIVER`, or the name that the system knows.
   * @throws {@link EngineError} if there is no driver, or if it does not start.
   */
  static async load(file: string = process.env['SIFAKA_CUDA_DRIVER'] || systemName()): Promise<Driver> {
    const module = (await importPackage('cuda', 'koffi')) as { default: typeof import('koffi') };
    const koffi = module.default;
    let library: LibraryHandle;
    try {
      library = koffi.load(file);
    } catch (error) {
      const reason = `no NVIDIA driver runs here (${(error as Error).message})`;
      throw new EngineError('cuda', reason, 'nvidia-smi shows the driver; a container needs --gpus all');
    }
    return new Driver(library, koffi.address);
  }

  /** @throws {@link EngineError} unless the call succeeds. @param asked what the call is for, in words. */
  call(name: CallName, asked: string, ...values: unknown[]): void {
    const code = this.#calls[name](...values);
    if (code !== CUDA_SUCCESS) throw this.error(name, asked, code);
  }

  /** Like {@link call}, for a call whose only output is its first value, a whole number. */
  read(name: CallName, asked: string, ...values: unknown[]): number {
    const out = [0];
    this.call(name, asked, out, ...values);
    return Number(out[0]);
  }

  /** Like {@link call}, for a call whose only output is its first value, a pointer. */
  handle(name: CallName, asked: string, ...values: unknown[]): Handle {
    const out: [Handle | null] = [null];
    this.call(name, asked, out, ...values);
    return out[0]!;
  }

  /** Address of new device memory; undefined if there is not enough. */
  allocate(bytes: number): number | undefined {
    const out = [0];
    const code = this.#calls.cuMemAlloc_v2(out, bytes);
    if (code === CUDA_OUT_OF_MEMORY) return undefined;
    if (code !== CUDA_SUCCESS) throw this.error('cuMemAlloc_v2', `allocating ${bytes} bytes`, code);
    return Number(out[0]);
  }

  error(name: CallName, asked: string, code: number): EngineError {
    return driverError(name, asked, this.#errorText('Name', code), this.#errorText('String', code));
  }
}

/** The driver installs its library under this name. */
function systemName(): string {
  return process.platform === 'win32' ? 'nvcuda.dll' : 'libcuda.so.1';
}
