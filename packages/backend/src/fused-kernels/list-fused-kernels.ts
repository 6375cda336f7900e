import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedKernelName, FusedKernelTable } from './fused-kernels.js';

/** A fused kernel as TensorFlow.js calls it. */
export interface ListedKernel<Context> {
  readonly name: FusedKernelName;
  run(call: Context & UntypedCall): TensorInfo | TensorInfo[];
}

interface UntypedCall {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/**
 * The kernels of an engine's table, with the untyped arguments that TensorFlow.js passes. The engine registers each by
 * TensorFlow.js' `registerKernel`, under its name.
 */
export function listFusedKernels<Context extends object>(table: FusedKernelTable<Context>): ListedKernel<Context>[] {
  const entries = Object.entries(table) as unknown as [
    FusedKernelName,
    (call: Context & { readonly inputs: unknown; readonly attributes: unknown }) => TensorInfo | TensorInfo[],
  ][];
  return entries.map(([name, kernel]) => ({
    name,
    run: (call) => kernel({ ...call, attributes: call.attrs }),
  }));
}
