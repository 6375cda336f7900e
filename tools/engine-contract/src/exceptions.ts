import type { ContractEngine } from './tolerances.js';

/** Where an engine may give anything in the place of a value that is not finite. Finite values are compared all the same. */
export interface Exception {
  readonly engine: ContractEngine;
  readonly operation: string;
  readonly case: string;
  readonly reason: string;
}

const WGSL = 'WGSL lets a GPU assume that there is no NaN; on SwiftShader the exponential of one is 0 or ∞';

/** What training relies on, that a step with a NaN anywhere is skipped, is tested whole and without exception. */
export const EXCEPTIONS: readonly Exception[] = [
  { engine: 'webgpu', operation: 'softmax', case: 'a NaN spoils its own row', reason: WGSL },
  { engine: 'webgpu', operation: 'erf', case: 'Infinity, -Infinity, NaN, 0, 5, -5, 30', reason: WGSL },
  { engine: 'webgpu', operation: 'softplus', case: 'NaN, 0, 20, -20, 100, -100', reason: WGSL },
];
