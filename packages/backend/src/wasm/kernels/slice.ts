import { Slice, slice_util, type Tensor, util } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../wasm-kernel.js';

/**
 * `slice(x, begin, size)`: block copies within the engine's memory. The engine's own kernel copies all of `x` to the
 * host first, so slicing a few entries off a long vector costs as much as reading the whole vector.
 */
export const sliceKernel: WasmKernel = {
  name: Slice,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    if (x.dtype === 'string') return call.engineKernel();
    // Both functions read only the shape of their argument, so a TensorInfo is enough.
    const given = x as Tensor;
    const begins = attrs['begin'] as number[];
    const [begin, size] = slice_util.parseSliceParams(given, begins, attrs['size'] as number[]) as [number[], number[]];
    slice_util.assertParamsValid(given, begin, size);
    const out = backend.makeOutput(size, x.dtype);
    if (util.sizeFromShape(size) === 0) return out;

    // The last axis that is cut, and all axes after it, are copied in one run.
    let cut = x.shape.length - 1;
    while (cut > 0 && size[cut] === x.shape[cut]) cut--;
    const inner = util.sizeFromShape(x.shape.slice(cut + 1));
    const run = (size[cut] ?? 1) * inner;
    const strides = util.computeStrides(x.shape);
    const from = backend.typedArrayFromHeap(x);
    const to = backend.typedArrayFromHeap(out);
    const outer = size.slice(0, cut);
    const position = outer.map(() => 0);
    const first = (begin[cut] ?? 0) * inner;
    for (let target = 0; target < to.length; target += run) {
      let source = first;
      for (let axis = 0; axis < cut; axis++) source += (begin[axis]! + position[axis]!) * strides[axis]!;
      to.set(from.subarray(source, source + run), target);
      for (let axis = cut - 1; axis >= 0; axis--) {
        if (++position[axis]! < outer[axis]!) break;
        position[axis] = 0;
      }
    }
    return out;
  },
};
