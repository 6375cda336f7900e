import type { Module } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A tensor at home on no engine. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** How exactly engines can be asked to agree; `tolerances.ts` has the numbers. */
export type Precision = 'exact' | 'arithmetic' | 'transcendental' | 'sum' | 'module';

/** One call of an operation with its arguments. */
export interface ContractCase {
  readonly name: string;
  readonly inputs: readonly HostTensor[];
  /** Weights that take part; they are drawn anew, so that no bias is zero and no scale is one. */
  readonly module?: () => Module;
  /** Called inside a `tidy`; borrows its arguments. */
  readonly forward: (inputs: readonly Tensor[], module: Module | undefined) => Tensor | readonly Tensor[];
  /** False where nothing flows back: comparisons, creation, updates. Default true. */
  readonly differentiable?: boolean;
  /** False at kinks and where values are not finite: no finite differences there. Default true. */
  readonly smooth?: boolean;
  /** Results are made of terms of this magnitude that cancel: errors are relative to it where the result is smaller. */
  readonly magnitude?: number;
}

/** An operation and the calls that stand for all that the packages ask of it. */
export interface Operation {
  /** As it is imported. */
  readonly name: string;
  readonly precision: Precision;
  readonly cases: readonly ContractCase[];
}
