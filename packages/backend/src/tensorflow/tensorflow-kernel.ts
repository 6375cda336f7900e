import {
  type DataType,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { FusedKernel, FusedKernelName } from '../fused-kernels/fused-kernels.js';
import type { NativeLibrary } from './native-library.js';
import { type TensorFlowBackend, TensorMemory } from './tensor-memory.js';

/** What our kernels on the tensorflow engine work with. */
export interface TensorFlowContext {
  readonly memory: TensorMemory;
}

/** A call of a kernel on the tensorflow engine. Inputs are borrowed; the returned tensors belong to TensorFlow.js. */
export interface TensorFlowCall extends TensorFlowContext {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  /** Runs tfjs-node's own kernel on the same arguments, for cases that this kernel does not cover. */
  engineKernel(): TensorInfo | TensorInfo[];
}

/** One of our kernels, which replaces tfjs-node's. */
export interface TensorFlowKernel {
  /** TensorFlow.js' name of the kernel. */
  readonly name: string;
  run(call: TensorFlowCall): TensorInfo | TensorInfo[];
}

/** A fused kernel on the tensorflow engine. */
export type TensorFlowFusedKernel<Name extends FusedKernelName> = FusedKernel<Name, TensorFlowContext>;

/** Shape and type of an output that a kernel allocates. */
export interface OutputSpec {
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

/** Runs a kernel of the native library that has one output. */
export function runNative(
  memory: TensorMemory,
  kernel: string,
  inputs: readonly (TensorInfo | undefined)[],
  output: OutputSpec,
  numbers: readonly number[],
): TensorInfo {
  return runNativeAll(memory, kernel, inputs, [output], numbers)[0]!;
}

/**
 * Runs a kernel of the native library.
 *
 * @param inputs undefined for an optional input that is not given.
 * @param numbers the kernel's own numbers; its file in `native/` documents them.
 */
export function runNativeAll(
  memory: TensorMemory,
  kernel: string,
  inputs: readonly (TensorInfo | undefined)[],
  outputs: readonly OutputSpec[],
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
