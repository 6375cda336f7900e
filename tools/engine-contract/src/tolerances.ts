import type { Precision } from './contract-case.js';

/** The engines that the contract holds to the reference, and the reference itself. */
export type ContractEngine = 'cpu' | 'wasm' | 'tensorflow' | 'tensorflow-gpu' | 'webgpu';

export interface Tolerance {
  readonly relative: number;
  /** Relative to each value, or to the largest of its tensor: a sum that cancels keeps the error of its summands. */
  readonly scale: 'value' | 'tensor';
}

/**
 * Largest relative error allowed, by engine and kind of operation. The reference computes in float64 and rounds each result to float32
 * (half a unit in the last place: 6e-8).
 *
 * - exact: values are moved, made or compared, not computed.
 * - arithmetic: + − × ÷ and the like, correctly rounded by IEEE 754; WGSL allows ÷ 2.5 units.
 * - transcendental: exp, log, erf, tanh, roots by each engine's own polynomials; in WGSL exp may be off by 3 + 2|x| units.
 * - sum: products, reductions, normalised exponentials, and gradients through broadcasting: the order of summation differs.
 * - module: dozens of the above in a row, forward and backward.
 */
const RELATIVE: Readonly<Record<ContractEngine, Readonly<Record<Precision, number>>>> = {
  cpu: { exact: 0, arithmetic: 0, transcendental: 0, sum: 0, module: 0 },
  wasm: { exact: 0, arithmetic: 1.2e-7, transcendental: 1e-6, sum: 5e-6, module: 1e-5 },
  tensorflow: { exact: 0, arithmetic: 1.2e-7, transcendental: 1e-6, sum: 5e-6, module: 1e-5 },
  'tensorflow-gpu': { exact: 0, arithmetic: 3e-7, transcendental: 1e-6, sum: 1e-5, module: 5e-5 }, // not tried
  webgpu: { exact: 0, arithmetic: 3e-7, transcendental: 8e-6, sum: 6e-6, module: 1e-5 }, // three times what SwiftShader was seen to do
};

export function toleranceOf(engine: ContractEngine, precision: Precision): Tolerance {
  const summed = precision === 'sum' || precision === 'module';
  return { relative: RELATIVE[engine][precision], scale: summed ? 'tensor' : 'value' };
}

/** Gradients cancel (1 − tanh²) and sum over axes that were broadcast or gathered: relative to the largest of their tensor. */
export function gradientToleranceOf(engine: ContractEngine, precision: Precision): Tolerance {
  const kind = precision === 'exact' || precision === 'arithmetic' ? 'sum' : precision;
  return { relative: RELATIVE[engine][kind], scale: 'tensor' };
}
