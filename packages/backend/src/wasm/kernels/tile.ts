import { type TensorInfo, Tile, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/**
 * `tile(x, reps)`, and with it every `broadcastTo`: one pass of block copies per repeated axis, the innermost first.
 */
export const tileKernel: WasmKernel = {
  name: Tile,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    const repeats = attrs['reps'] as number[];
    if (x.dtype === 'string' || repeats.length !== x.shape.length) return call.engineKernel();

    backend.incRef(x.dataId);
    let result: TensorInfo = { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      const times = repeats[axis]!;
      if (times === 1) continue;
      const { shape } = result;
      const out = backend.makeOutput(
        [...shape.slice(0, axis), shape[axis]! * times, ...shape.slice(axis + 1)],
        x.dtype,
      );
      kernelsOf(backend).exports.repeat(
        addressOf(backend, result),
        addressOf(backend, out),
        util.sizeFromShape(shape.slice(0, axis)),
        times,
        util.sizeFromShape(shape.slice(axis)) * util.bytesPerElement(x.dtype),
      );
      backend.disposeData(result.dataId);
      result = out;
    }
    return result;
  },
};
