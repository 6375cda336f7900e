import { deriveSeed, seededRandom } from '@sifaka/nn';
import type { HostTensor } from './contract-case.js';

/** Seed of all shapes and values: `SIFAKA_CONTRACT_SEED=7 pnpm vitest run tools/engine-contract`. */
const SEED = Number(process.env['SIFAKA_CONTRACT_SEED'] ?? 1);

/** Draws shapes and values that are the same on every engine. */
export class Draw {
  readonly #random: () => number;

  constructor(name: string) {
    this.#random = seededRandom(deriveSeed(SEED, name));
  }

  /** Uniform in low … high. */
  float(shape: readonly number[], low = -2, high = 2): HostTensor {
    return { shape, dtype: 'float32', values: this.#fill(shape, () => low + (high - low) * this.#random()) };
  }

  /** Uniform in magnitude 0.2 … 2 with random sign, which avoids kinks and poles at 0. */
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

  /** 0s and 1s as floats, like masks. */
  mask(shape: readonly number[]): HostTensor {
    return { shape, dtype: 'float32', values: this.#fill(shape, () => this.below(2)) };
  }

  /** Shuffled values at least 0.1 apart, so that finite differences do not change their order. */
  distinct(shape: readonly number[]): HostTensor {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 0.1 * i - 1);
    for (let i = values.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [values[i], values[other]] = [values[other]!, values[i]!];
    }
    return { shape, dtype: 'float32', values };
  }

  /** A shape with `rank` axes of length 1 … maxLength. */
  shape(rank: number, maxLength = 6): number[] {
    return Array.from({ length: rank }, () => 1 + this.below(maxLength));
  }

  /** A whole number 0 … bound − 1. */
  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #fill(shape: readonly number[], value: () => number): Float32Array {
    return Float32Array.from({ length: sizeOf(shape) }, value);
  }
}

/** Explicit values. */
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

/** Shapes in the name of a case. */
export function named(...shapes: readonly (readonly number[])[]): string {
  return shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ');
}
