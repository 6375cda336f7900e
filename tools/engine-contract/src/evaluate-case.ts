import type { Module, NamedParameters } from '@sifaka/nn';
import {
  add,
  mul,
  type Scalar,
  sum,
  type Tensor,
  tensor,
  tidy,
  type Variable,
  variable,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import type { ContractCase, HostTensor } from './contract-case.js';
import { Draw } from './draw.js';

/** Results of a case on one engine. */
export interface Evaluation {
  readonly outputs: readonly HostTensor[];
  /**
   * Gradients of a randomly weighted sum of all float outputs, by input (`input 0`) and by path of a weight. Undefined
   * if no gradient flows.
   */
  readonly gradients: ReadonlyMap<string, HostTensor | undefined>;
}

/** Runs a case on the current engine, forward and backward, and disposes all tensors. */
export async function evaluateCase(contractCase: ContractCase): Promise<Evaluation> {
  const running = startCase(contractCase);
  try {
    const outputs = await readAll(tidy(() => running.forward()));
    if (contractCase.differentiable === false) return { outputs, gradients: new Map() };
    return { outputs, gradients: await gradientsOf(running) };
  } finally {
    running.dispose();
  }
}

/** A case whose inputs and weights are on the current engine. */
export interface RunningCase {
  /** Float inputs and weights, by name. */
  readonly variables: NamedParameters;
  forward(): Tensor[];
  dispose(): void;
}

export function startCase({ inputs, module: makeModule, forward }: ContractCase): RunningCase {
  const module = makeModule?.();
  if (module !== undefined) drawWeights(module);
  const arguments_ = inputs.map(toEngine);
  const variables = new Map<string, Variable>();
  arguments_.forEach((argument, i) => {
    if (argument.dtype === 'float32') variables.set(`input ${i}`, argument as Variable);
  });
  for (const [path, weight] of module?.parameters ?? []) variables.set(path, weight);
  return {
    variables,
    forward: () => [forward(arguments_, module)].flat() as Tensor[],
    dispose: () => {
      for (const argument of arguments_) argument.dispose();
      module?.dispose();
    },
  };
}

/** Weights that reduce output `i` to a scalar. */
export function outputWeights(i: number, shape: readonly number[]): HostTensor {
  return new Draw(`weights of output ${i}`).float(shape, -1, 1);
}

async function gradientsOf(running: RunningCase): Promise<ReadonlyMap<string, HostTensor | undefined>> {
  const { value, grads } = variableGrads(() => weightedSum(running.forward()), [...running.variables.values()]);
  value.dispose();
  const gradients = new Map<string, HostTensor | undefined>();
  for (const [name, weight] of running.variables) {
    const gradient = grads[weight.name] as Tensor | null | undefined;
    gradients.set(name, gradient ? (await readAll([gradient]))[0] : undefined);
  }
  return gradients;
}

function weightedSum(outputs: readonly Tensor[]): Scalar {
  let total: Tensor = zeros([]);
  outputs.forEach((output, i) => {
    if (output.dtype !== 'float32') return;
    const weights = outputWeights(i, output.shape);
    total = add(total, sum(mul(output, tensor(weights.values, output.shape))));
  });
  return total as Scalar;
}

/** Floats become variables, so that gradients can be computed for them. */
function toEngine({ values, shape, dtype }: HostTensor): Tensor {
  return tidy(() => {
    const uploaded = tensor(values.slice(), [...shape], dtype);
    return dtype === 'float32' ? variable(uploaded) : uploaded;
  });
}

function drawWeights(module: Module): void {
  for (const [path, weight] of module.parameters) {
    const { values } = new Draw(`weight ${path}`).float(weight.shape, -0.5, 0.5);
    tidy(() => weight.assign(tensor(values, weight.shape) as Tensor));
  }
}

/** Copies to the host and disposes. Every engine supports asynchronous reads. */
async function readAll(tensors: readonly Tensor[]): Promise<HostTensor[]> {
  const read: HostTensor[] = [];
  for (const each of tensors) {
    const values = (await each.data()).slice() as HostTensor['values'];
    read.push({ shape: [...each.shape], dtype: each.dtype as HostTensor['dtype'], values });
    each.dispose();
  }
  return read;
}
