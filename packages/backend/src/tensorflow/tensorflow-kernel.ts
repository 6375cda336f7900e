import {
  type DataType,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { NativeLibrary } from './native-library.js';
import { type TensorFlowBackend, TensorMemory } from './tensor-memory.js';

/** A call of a kernel on the tensorflow engine. Inputs are borrowed; what is returned belongs to TensorFlow.js. */
export interface TensorFlowCall {
  readonly memory: TensorMemory;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  /** tfjs-node's own kernel on the same arguments, for what ours does not cover. */
  engineKernel(): TensorInfo | TensorInfo[];
}

/** A kernel of ours, named as models ask for it. */
export interface TensorFlowKernel {
  readonly name: string;
  run(call: TensorFlowCall): TensorInfo | TensorInfo[];
}

export interface OutputOf {
  readonly shape: number[];
  /** Default `float32`. */
  readonly dtype?: DataType;
}

/** Wraps a kernel in TensorFlow.js' calling convention. */
export function tensorFlowKernelFunc(
  { name, run }: TensorFlowKernel,
  library: NativeLibrary,
  engineKernel: KernelFunc | undefined,
): KernelFunc {
  return ({ inputs, backend, attrs = {} }) =>
    run({
      memory: TensorMemory.of(backend as TensorFlowBackend, library),
      inputs,
      attrs,
      engineKernel: () => {
        if (engineKernel === undefined) throw new Error(`${name} on tensorflow: these arguments are not supported`);
        return engineKernel({ inputs, backend, attrs });
      },
    });
}

let row = new Float64Array(1024);

/** Runs a kernel of the library that has one output. */
export function runNative(
  memory: TensorMemory,
  kernel: string,
  inputs: readonly (TensorInfo | undefined)[],
  output: OutputOf,
  numbers: readonly number[],
): TensorInfo {
  return runNativeAll(memory, kernel, inputs, [output], numbers)[0]!;
}

/**
 * Runs a kernel of the library.
 *
 * @param numbers as the kernel's file in `native/` says.
 */
export function runNativeAll(
  memory: TensorMemory,
  kernel: string,
  inputs: readonly (TensorInfo | undefined)[],
  outputs: readonly OutputOf[],
  numbers: readonly number[],
): TensorInfo[] {
  const { library } = memory;
  const length = 2 + inputs.length + outputs.length + numbers.length;
  if (row.length < length) row = new Float64Array(2 * length);
  let at = 0;
  row[at++] = inputs.length;
  row[at++] = outputs.length;
  for (const input of inputs) row[at++] = input === undefined ? 0 : memory.bufferOf(input);
  const first = at;
  for (const { shape, dtype = 'float32' } of outputs)
    row[at++] = util.sizeFromShape(shape) * util.bytesPerElement(dtype);
  for (const number of numbers) row[at++] = number;
  library.run(numberOf(library, kernel), row);
  return outputs.map(({ shape, dtype = 'float32' }, i) => memory.wrap(row[first + i]!, shape, dtype));
}

const numbersOf = new WeakMap<NativeLibrary, Map<string, number>>();

function numberOf(library: NativeLibrary, kernel: string): number {
  let known = numbersOf.get(library);
  if (known === undefined) {
    known = new Map(library.kernels.map((name, i) => [name, i]));
    numbersOf.set(library, known);
  }
  return known.get(kernel)!;
}
