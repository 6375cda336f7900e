import type { Module } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** How closely engines must agree. `tolerances.ts` has the numbers. */
export type Precision = 'exact' | 'arithmetic' | 'transcendental' | 'trigonometric' | 'sum' | 'module';

/** One call of an operation with its arguments. */
export interface ContractCase {
  readonly name: string;
  readonly inputs: readonly HostTensor[];
  /** A module whose weights also have gradients. They are redrawn, so that no bias is 0 and no scale is 1. */
  readonly module?: () => Module;
  /** Called inside a `tidy`; borrows its arguments. */
  readonly forward: (inputs: readonly Tensor[], module: Module | undefined) => Tensor | readonly Tensor[];
  /** False for operations without gradients: comparisons, creation, updates. Default true. */
  readonly differentiable?: boolean;
  /** False at kinks and for values that are not finite, which finite differences cannot check. Default true. */
  readonly smooth?: boolean;
  /** Magnitude of terms that cancel in the result. Errors are relative to it if the result is smaller. */
  readonly magnitude?: number;
}

/** An operation, and cases that cover how the packages call it. */
export interface Operation {
  /** Its name in imports. */
  readonly name: string;
  readonly precision: Precision;
  readonly cases: readonly ContractCase[];
}
