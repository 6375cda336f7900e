import { Einsum } from '@tensorflow/tfjs-core';
import { composeEinsum } from '../../compose-einsum.js';
import type { WasmKernel } from '../wasm-kernel.js';

/** `einsum(equation, ...operands)`, which the engine lacks. */
export const einsumKernel: WasmKernel = {
  name: Einsum,
  run: (call) => composeEinsum(call, 'wasm'),
};
