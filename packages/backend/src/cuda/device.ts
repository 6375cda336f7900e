import { EngineError } from '../engine-error.js';
import { Driver, type Handle } from './driver.js';

/** Attributes of a device, by their numbers in `CUdevice_attribute`. */
const TEXTURE_ALIGNMENT = 14;
const MULTIPROCESSORS = 16;
const CAPABILITY_MAJOR = 75;
const CAPABILITY_MINOR = 76;
const NON_BLOCKING = 1; // CU_STREAM_NON_BLOCKING
const NAME_BYTES = 256;
const OLDEST_CAPABILITY = 7.5;
/** The version of CUDA that reads our PTX: driver 525, December 2022. */
const OLDEST_CUDA = 12;

type KernelModules = typeof import('./kernels.generated.js')['KERNEL_MODULES'];

/** One GPU: its context, its stream, and the kernels, which the driver compiles when they are first used. */
export class Device {
  readonly driver: Driver;
  readonly name: string;
  /** Compute capability, such as 9.0. */
  readonly capability: number;
  readonly multiprocessors: number;
  /** Allocations are multiples of this many bytes. */
  readonly alignment: number;
  /** The stream on which everything runs, in order. */
  readonly stream: Handle;
  readonly #context: Handle;
  readonly #ordinal: number;
  readonly #modules = new Map<string, Handle>();
  readonly #functions = new Map<string, Handle>();

  readonly #sources: KernelModules;

  private constructor(driver: Driver, sources: KernelModules) {
    this.driver = driver;
    this.#sources = sources;
    if (Number(driver.cudaVersion) < OLDEST_CUDA) {
      const reason = `the NVIDIA driver is too old: it supports CUDA ${driver.cudaVersion}, and the kernels need 12.0`;
      throw new EngineError('cuda', reason, 'a driver of version 525 or newer (nvidia-smi prints the version)');
    }
    const count = driver.read('cuDeviceGetCount', 'counting the GPUs');
    if (count === 0) {
      const visible = process.env['CUDA_VISIBLE_DEVICES'];
      const why = visible === undefined ? '' : ` (CUDA_VISIBLE_DEVICES is '${visible}')`;
      throw new EngineError('cuda', `the driver shows no GPU${why}`, 'nvidia-smi lists the GPUs');
    }
    this.#ordinal = driver.read('cuDeviceGet', 'the first GPU', 0);
    const name = Buffer.alloc(NAME_BYTES);
    driver.call('cuDeviceGetName', 'the name of the GPU', name, NAME_BYTES, this.#ordinal);
    this.name = name.toString('utf8').replace(/\0[\s\S]*$/, '');
    this.capability = this.#attribute(CAPABILITY_MAJOR) + this.#attribute(CAPABILITY_MINOR) / 10;
    if (this.capability < OLDEST_CAPABILITY) {
      const reason = `${this.name} has compute capability ${this.capability}; the kernels need 7.5 (Turing) or newer`;
      throw new EngineError('cuda', reason, 'npx @sifaka/backend install webgpu');
    }
    this.multiprocessors = this.#attribute(MULTIPROCESSORS);
    this.alignment = this.#attribute(TEXTURE_ALIGNMENT);
    this.#context = driver.handle('cuDevicePrimaryCtxRetain', `using ${this.name}`, this.#ordinal);
    driver.call('cuCtxSetCurrent', `using ${this.name}`, this.#context);
    this.stream = driver.handle('cuStreamCreate', 'a stream', NON_BLOCKING);
  }

  /**
   * Starts the first GPU that the driver shows; `CUDA_VISIBLE_DEVICES` chooses, as for every program on CUDA.
   *
   * @throws {@link EngineError} that says why there is none.
   */
  static async start(): Promise<Device> {
    // Not a static import: a page that bundles this package needs no PTX.
    const { KERNEL_MODULES } = await import('./kernels.generated.js');
    return new Device(await Driver.load(), KERNEL_MODULES);
  }

  /** The kernel of this name. @throws Error if no module has it. */
  kernel(name: string): Handle {
    let found = this.#functions.get(name);
    if (found === undefined) {
      found = this.driver.handle('cuModuleGetFunction', `the kernel ${name}`, this.#moduleOf(name), name);
      this.#functions.set(name, found);
    }
    return found;
  }

  /** Waits until everything that was started is done. */
  synchronize(): void {
    this.driver.call('cuStreamSynchronize', 'waiting for the GPU', this.stream);
  }

  dispose(): void {
    this.driver.call('cuStreamDestroy_v2', 'ending a stream', this.stream);
    this.driver.call('cuDevicePrimaryCtxRelease_v2', `leaving ${this.name}`, this.#ordinal);
  }

  #attribute(attribute: number): number {
    return this.driver.read('cuDeviceGetAttribute', 'a property of the GPU', attribute, this.#ordinal);
  }

  #moduleOf(kernel: string): Handle {
    const [name, { ptx }] = Object.entries(this.#sources).find(([, { kernels }]) => kernels.includes(kernel))!;
    let module = this.#modules.get(name);
    if (module === undefined) {
      const { inflateRawSync } = process.getBuiltinModule('node:zlib');
      const text = Buffer.concat([inflateRawSync(Buffer.from(ptx, 'base64')), Buffer.of(0)]);
      module = this.driver.handle('cuModuleLoadData', `compiling the kernels '${name}' for ${this.name}`, text);
      this.#modules.set(name, module);
    }
    return module;
  }
}
