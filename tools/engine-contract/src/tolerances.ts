import type { EngineName } from '@sifaka/backend';
import type { Precision } from './contract-case.js';

/** The reference engine (`cpu`) and the engines that are compared with it. */
export type ContractEngine = EngineName;

export interface Tolerance {
  readonly relative: number;
  /**
   * Relative to each value, or to the largest value of its tensor, because a sum that cancels keeps the error of its
   * terms.
   */
  readonly scale: 'value' | 'tensor';
}

/**
 * Largest relative error allowed, by engine and kind of operation. The reference computes in float64 and rounds each
 * result to float32 (half a unit in the last place: 6e-8).
 *
 * - exact: values are moved, created or compared, not computed.
 * - arithmetic: + − × ÷ and similar, correctly rounded by IEEE 754. WGSL allows ÷ an error of 2.5 units.
 * - transcendental: exp, log, erf, tanh and roots, approximated differently by each engine. WGSL allows exp 3 + 2|x|
 *   units.
 * - trigonometric: sin, cos and tan. WGSL allows sin and cos an absolute error of 2⁻¹¹, which is 1.7e-3 of the least
 *   value in the contract.
 * - sum: products, reductions, normalised exponentials and gradients through broadcasting. The order of summation
 *   differs.
 * - module: dozens of these in sequence, forward and backward.
 */
const RELATIVE: Readonly<Record<ContractEngine, Readonly<Record<Precision, number>>>> = {
  cpu: { exact: 0, arithmetic: 0, transcendental: 0, trigonometric: 0, sum: 0, module: 0 },
  wasm: { exact: 0, arithmetic: 1.2e-7, transcendental: 1e-6, trigonometric: 1e-6, sum: 5e-6, module: 1e-5 },
  tensorflow: { exact: 0, arithmetic: 1.2e-7, transcendental: 1e-6, trigonometric: 1e-6, sum: 5e-6, module: 1e-5 },
  // On the stand-in for a GPU, whose functions are the C library's. CUDA's own differ by a few units.
  cuda: { exact: 0, arithmetic: 1.2e-7, transcendental: 1e-6, trigonometric: 1e-6, sum: 5e-6, module: 1e-5 },
  // Not measured.
  'tensorflow-gpu': { exact: 0, arithmetic: 3e-7, transcendental: 1e-6, trigonometric: 1e-6, sum: 1e-5, module: 5e-5 },
  // Three times the errors measured on SwiftShader, and what WGSL allows of sin and cos.
  webgpu: { exact: 0, arithmetic: 3e-7, transcendental: 8e-6, trigonometric: 2e-3, sum: 6e-6, module: 1e-5 },
};

export function toleranceOf(engine: ContractEngine, precision: Precision): Tolerance {
  const summed = precision === 'sum' || precision === 'module';
  return { relative: RELATIVE[engine][precision], scale: summed ? 'tensor' : 'value' };
}

/**
 * Gradients cancel (1 − tanh²) and sum over broadcast or gathered axes, so they are relative to the largest value of
 * their tensor.
 */
export function gradientToleranceOf(engine: ContractEngine, precision: Precision): Tolerance {
  const kind = precision === 'exact' || precision === 'arithmetic' ? 'sum' : precision;
  return { relative: RELATIVE[engine][kind], scale: 'tensor' };
}
