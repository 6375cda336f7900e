import { USE_LESS_MEMORY } from '../engine.js';
import { EngineError } from '../engine-error.js';
import type { Device } from './device.js';

/** A block of device memory. */
export interface Block {
  readonly address: number;
  /** Its size, which is at least what was asked for. */
  readonly bytes: number;
}

/** How much device memory there is, in bytes. */
export interface AllocatorStatistics {
  /** In tensors. */
  readonly used: number;
  /** The most that was in tensors at a time. */
  readonly peak: number;
  /** In released blocks that are kept for later tensors. */
  readonly kept: number;
  /** Number of calls of the driver for new blocks. */
  readonly driverAllocations: number;
}

/** Blocks above this size come in eight sizes for each power of two, so that a new length may fit an old block. */
const LARGE = 2 ** 20;
const MIB = 2 ** 20;

/**
 * Device memory for tensors. Released blocks are kept by size, because a training step asks for the same sizes again
 * and again, and asking the driver is expected to be slow (not measured). A released block may be used at once:
 * everything runs in order on one stream, so what still reads it runs before what writes it next.
 */
export class Allocator {
  readonly #device: Device;
  readonly #kept = new Map<number, number[]>();
  #used = 0;
  #peak = 0;
  #keptBytes = 0;
  #driverAllocations = 0;

  constructor(device: Device) {
    this.#device = device;
  }

  get statistics(): AllocatorStatistics {
    return {
      used: this.#used,
      peak: this.#peak,
      kept: this.#keptBytes,
      driverAllocations: this.#driverAllocations,
    };
  }

  /** @throws {@link EngineError} if there is not enough memory: with what was asked, is held and is free. */
  allocate(asked: number): Block {
    const bytes = blockSize(asked, this.#device.alignment);
    const kept = this.#kept.get(bytes)?.pop();
    if (kept !== undefined) this.#keptBytes -= bytes;
    const address = kept ?? this.#fromDriver(bytes);
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#used);
    return { address, bytes };
  }

  release({ address, bytes }: Block): void {
    const blocks = this.#kept.get(bytes);
    if (blocks === undefined) this.#kept.set(bytes, [address]);
    else blocks.push(address);
    this.#used -= bytes;
    this.#keptBytes += bytes;
  }

  /** Returns all kept blocks to the driver, for other programs or other sizes. */
  returnKept(): void {
    if (this.#keptBytes === 0) return;
    this.#device.synchronize();
    for (const addresses of this.#kept.values()) {
      for (const address of addresses) {
        this.#device.driver.call('cuMemFree_v2', 'releasing memory', address);
      }
    }
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  #fromDriver(bytes: number): number {
    const { driver } = this.#device;
    this.#driverAllocations++;
    let address = driver.allocate(bytes);
    if (address === undefined) {
      this.returnKept();
      address = driver.allocate(bytes);
    }
    if (address === undefined) throw this.#outOfMemory(bytes);
    return address;
  }

  #outOfMemory(bytes: number): EngineError {
    const [free, total] = [[0], [0]];
    this.#device.driver.call('cuMemGetInfo_v2', 'the free memory', free, total);
    const mib = (count: number) => `${(count / MIB).toFixed(count < 10 * MIB ? 1 : 0)} MiB`;
    const reason =
      `out of memory: asked for ${mib(bytes)}; this program holds ${mib(this.#used)}; ` +
      `${mib(Number(free[0]))} of ${mib(Number(total[0]))} are free`;
    return new EngineError('cuda', reason, `${USE_LESS_MEMORY}; nvidia-smi lists other programs on the GPU`);
  }
}

/** Size of the block that holds this many bytes. */
function blockSize(asked: number, alignment: number): number {
  const aligned = Math.ceil(Math.max(asked, 1) / alignment) * alignment;
  if (aligned <= LARGE) return aligned;
  const step = 2 ** (Math.floor(Math.log2(aligned)) - 3);
  return Math.ceil(aligned / step) * step;
}
