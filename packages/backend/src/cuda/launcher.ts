import type { Device } from './device.js';

/** How a kernel runs, and its arguments, in the order of the kernel's struct: pointers, ints, floats. */
export interface Launch {
  readonly kernel: string;
  /** Blocks along x, y and z. */
  readonly grid: readonly [x: number, y?: number, z?: number];
  /** Threads of a block. */
  readonly threads: number;
  /** Addresses; 0 is null. */
  readonly pointers: readonly number[];
  readonly ints?: readonly number[];
  readonly floats?: readonly number[];
}

/** What CUDA allows: blocks along x, and along y or z. */
const MOST_BLOCKS = 2 ** 31 - 1;
const MOST_BLOCKS_YZ = 65_535;
const MOST_BYTES = 4096;
// The keys of `extra` in cuLaunchKernel.
const PARAMETER_BUFFER = 1n;
const PARAMETER_BYTES = 2n;

/** Starts kernels. All share one buffer of arguments, because the driver copies it before the call returns. */
export class Launcher {
  readonly #device: Device;
  readonly #arguments = new DataView(new ArrayBuffer(MOST_BYTES));
  readonly #bytes = new BigUint64Array(1);
  readonly #extra: BigUint64Array;

  constructor(device: Device) {
    this.#device = device;
    const address = (view: ArrayBufferView) => device.driver.addressOf(view);
    this.#extra = BigUint64Array.of(
      PARAMETER_BUFFER,
      address(this.#arguments),
      PARAMETER_BYTES,
      address(this.#bytes),
      0n,
    );
  }

  /** Starts a kernel after those that were started before. It does nothing if the grid is empty. */
  run({ kernel, grid: [x, y = 1, z = 1], threads, pointers, ints = [], floats = [] }: Launch): void {
    if (x === 0 || y === 0 || z === 0) return;
    if (x > MOST_BLOCKS || y > MOST_BLOCKS_YZ || z > MOST_BLOCKS_YZ) {
      throw new RangeError(`cuda: ${kernel} needs a grid of ${x} × ${y} × ${z} blocks, which is too large`);
    }
    let at = 0;
    for (const pointer of pointers) {
      this.#arguments.setUint32(at, pointer % 2 ** 32, true);
      this.#arguments.setUint32(at + 4, pointer / 2 ** 32, true);
      at += 8;
    }
    for (const int of ints) {
      this.#arguments.setInt32(at, int, true);
      at += 4;
    }
    for (const float of floats) {
      this.#arguments.setFloat32(at, float, true);
      at += 4;
    }
    this.#bytes[0] = BigInt(Math.ceil(at / 8) * 8); // The size of a struct that begins with a pointer.
    const { driver, stream } = this.#device;
    driver.call(
      'cuLaunchKernel',
      `running ${kernel}`,
      this.#device.kernel(kernel),
      x,
      y,
      z,
      threads,
      1,
      1,
      0,
      stream,
      null,
      this.#extra,
    );
  }
}
