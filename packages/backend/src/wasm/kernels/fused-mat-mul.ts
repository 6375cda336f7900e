import { _FusedMatMul, getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmCall, WasmKernel } from '../wasm-kernel.js';
import { batchMatMul } from './batch-mat-mul.js';

/** The engine's kernel for each activation that TensorFlow.js fuses; `linear` needs none. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  sigmoid: 'Sigmoid',
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
};

/**
 * `activation(op(A) op(B) + bias)`. The engine's own kernel adds a wrong bias if either matrix is transposed. The bias
 * must be `[N]`; other shapes are refused, as by the engine.
 */
export const fusedMatMulKernel: WasmKernel = {
  name: _FusedMatMul,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const [transposeA, transposeB] = [Boolean(attrs['transposeA']), Boolean(attrs['transposeB'])];
    const bias = inputs['bias'] ?? undefined;
    const y = batchMatMul(backend, inputs['a']!, inputs['b']!, transposeA, transposeB, bias);
    return activate(call, y);
  },
};

function activate({ backend, inputs, attrs }: WasmCall, y: TensorInfo): TensorInfo {
  const activation = (attrs['activation'] as string | undefined) ?? 'linear';
  if (activation === 'linear') return y;
  const kernel = getKernel(ACTIVATIONS[activation] ?? activation, 'wasm');
  if (kernel === undefined) throw new Error(`_FusedMatMul on wasm: unknown activation ${activation}`);
  const given = { x: y, alpha: activation === 'prelu' ? inputs['preluActivationWeights'] : undefined };
  const result = kernel.kernelFunc({
    inputs: given,
    backend,
    attrs: { alpha: (attrs['leakyreluAlpha'] as number | undefined) ?? 0.2 },
  });
  backend.disposeData(y.dataId);
  return result as TensorInfo;
}
