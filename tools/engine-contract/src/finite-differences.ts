import { type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { ContractCase, HostTensor } from './contract-case.js';
import { Draw } from './draw.js';
import { type Evaluation, outputWeights, startCase } from './evaluate-case.js';

const STEP = 1e-2;

/**
 * Slope of a case's weighted sum along a random direction of all inputs and weights, by its gradient and by
 * differences.
 */
export interface Slopes {
  readonly analytic: number;
  readonly numeric: number;
  /** Difference that rounding to float32 and the curvature within a step can explain. */
  readonly allowed: number;
}

/** Central differences of two step widths with Richardson extrapolation, summed in float64. The case must be smooth. */
export function slopesOf(contractCase: ContractCase, { gradients }: Evaluation): Slopes {
  const running = startCase(contractCase);
  try {
    const moves = [...running.variables].map(([name, variable]) => ({
      variable,
      start: Float32Array.from(variable.dataSync()),
      direction: new Draw(`direction of ${name}`).float(variable.shape, -1, 1),
      gradient: gradients.get(name),
    }));
    const at = (step: number): { total: number; absolute: number } => {
      for (const { variable, start, direction } of moves) {
        assign(
          variable,
          start.map((value, i) => value + step * direction.values[i]!),
        );
      }
      return weightedSum(tidy(() => running.forward()));
    };
    const slope = (step: number) => {
      const ahead = at(step);
      const behind = at(-step);
      return { value: (ahead.total - behind.total) / (2 * step), noise: (1e-6 * ahead.absolute) / step };
    };
    const wide = slope(STEP);
    const narrow = slope(STEP / 2);
    const numeric = (4 * narrow.value - wide.value) / 3;
    let analytic = 0;
    for (const { gradient, direction } of moves) analytic += dot(gradient, direction);
    return { analytic, numeric, allowed: 2e-3 * Math.abs(analytic) + 2 * narrow.noise + 1e-4 };
  } finally {
    running.dispose();
  }
}

function assign(variable: Variable, values: Float32Array): void {
  tidy(() => variable.assign(tensor(values, variable.shape) as Tensor));
}

function weightedSum(outputs: readonly Tensor[]): { total: number; absolute: number } {
  let total = 0;
  let absolute = 0;
  outputs.forEach((output, i) => {
    if (output.dtype === 'float32') {
      const values = output.dataSync();
      const weights = outputWeights(i, output.shape).values;
      for (let k = 0; k < values.length; k++) {
        total += values[k]! * weights[k]!;
        absolute += Math.abs(values[k]! * weights[k]!);
      }
    }
    output.dispose();
  });
  return { total, absolute };
}

function dot(gradient: HostTensor | undefined, direction: HostTensor): number {
  let total = 0;
  gradient?.values.forEach((value, i) => {
    total += value * direction.values[i]!;
  });
  return total;
}
