import { deriveSeed, seededRandom } from '@sifaka/nn';
import type { HostTensor } from './contract-case.js';

/** Another seed draws other shapes and values: `SIFAKA_CONTRACT_SEED=7 pnpm vitest run tools/engine-contract`. */
const SEED = Number(process.env['SIFAKA_CONTRACT_SEED'] ?? 1);

/** Seeded shapes and values: the same on every engine. */
export class Draw {
  readonly #random: () => number;

  constructor(name: string) {
    this.#random = seededRandom(deriveSeed(SEED, name));
  }

  /** Uniform in low … high. */
  float(shape: readonly number[], low = -2, high = 2): HostTensor {
    return { shape, dtype: 'float32', values: this.#fill(shape, () => low + (high - low) * this.#random()) };
  }

  /** Uniform in magnitude 0.2 … 2 with either sign: no kink and no pole at 0 is near. */
  awayFromZero(shape: readonly number[]): HostTensor {
    const value = () => (0.2 + 1.8 * this.#random()) * (this.#random() < 0.5 ? -1 : 1);
    return { shape, dtype: 'float32', values: this.#fill(shape, value) };
  }

  /** Whole numbers 0 … bound − 1. */
  int(shape: readonly number[], bound: number): HostTensor {
    return { shape, dtype: 'int32', values: Int32Array.from(this.#fill(shape, () => this.below(bound))) };
  }

  bool(shape: readonly number[]): HostTensor {
    return { shape, dtype: 'bool', values: Uint8Array.from(this.#fill(shape, () => this.below(2))) };
  }

  /** 0s and 1s as floats, as masks are. */
  mask(shape: readonly number[]): HostTensor {
    return { shape, dtype: 'float32', values: this.#fill(shape, () => this.below(2)) };
  }

  /** Distinct values at least 0.1 apart, shuffled: finite differences change no order. */
  distinct(shape: readonly number[]): HostTensor {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 0.1 * i - 1);
    for (let i = values.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [values[i], values[other]] = [values[other]!, values[i]!];
    }
    return { shape, dtype: 'float32', values };
  }

  /** A shape of that many axes of 1 … most. */
  shape(rank: number, most = 6): number[] {
    return Array.from({ length: rank }, () => 1 + this.below(most));
  }

  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #fill(shape: readonly number[], value: () => number): Float32Array {
    return Float32Array.from({ length: sizeOf(shape) }, value);
  }
}

/** Values written out. */
export function given(
  values: readonly number[],
  shape: readonly number[] = [values.length],
  dtype: HostTensor['dtype'] = 'float32',
): HostTensor {
  const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
  return { shape, dtype, values: arrays[dtype].from(values) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** What a shape is called in the name of a case. */
export function named(...shapes: readonly (readonly number[])[]): string {
  return shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ');
}
