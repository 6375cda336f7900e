import type { ContractEngine } from './tolerances.js';

/** A case in which an engine may return anything for values that are not finite. Finite values are still compared. */
export interface Exception {
  readonly engine: ContractEngine;
  readonly operation: string;
  readonly case: string;
  readonly reason: string;
}

const WGSL = 'WGSL lets a GPU assume that there are no NaNs; on SwiftShader, the exponential of one is 0 or ∞';

/** Training relies on skipping steps with a NaN. `training.test.ts` tests that without exceptions. */
export const EXCEPTIONS: readonly Exception[] = [
  { engine: 'webgpu', operation: 'softmax', case: 'a NaN affects its own row', reason: WGSL },
  { engine: 'webgpu', operation: 'erf', case: 'Infinity, -Infinity, NaN, 0, 5, -5, 30', reason: WGSL },
  { engine: 'webgpu', operation: 'softplus', case: 'NaN, 0, 20, -20, 100, -100', reason: WGSL },
];
