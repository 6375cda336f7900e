import { Cast, type DataType, Identity, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmCall, WasmKernel } from '../wasm-kernel.js';

// The engine copies the values for a clone, which the tape makes of every saved tensor, and for a cast to the same
// type. Tensors are immutable, so these kernels share the memory and count its users, as the engine's own Reshape does.

export const identityKernel: WasmKernel = {
  name: Identity,
  run: (call) => (call.inputs['x']!.dtype === 'string' ? call.engineKernel() : share(call)),
};

export const castKernel: WasmKernel = {
  name: Cast,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    const dtype = attrs['dtype'] as DataType;
    if (x.dtype === dtype) return share(call);
    if (dtype !== 'bool') return call.engineKernel();
    // The engine truncates to a byte, which makes 0.5 and 256 false.
    const out = backend.makeOutput(x.shape, 'bool');
    if (x.dtype === 'float32') {
      const count = util.sizeFromShape(x.shape);
      kernelsOf(backend).exports.nonZero(addressOf(backend, x), addressOf(backend, out), count);
      return out;
    }
    const values = backend.typedArrayFromHeap(x);
    const flags = backend.typedArrayFromHeap(out);
    for (let i = 0; i < values.length; i++) flags[i] = Number(values[i] !== 0);
    return out;
  },
};

function share({ backend, inputs }: WasmCall): { dataId: object; shape: number[]; dtype: DataType } {
  const { dataId, shape, dtype } = inputs['x']!;
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
