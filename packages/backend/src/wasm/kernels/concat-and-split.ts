import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, Concat, SplitV, type Tensor, type TensorInfo, Unpack, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

// These kernels copy whole rows within the engine's memory. The engine's own split copies all of `x` to the host for
// every piece.

/** `concat(inputs, axis)`. */
export const concatKernel: WasmKernel = {
  name: Concat,
  run: (call) => {
    const { backend, attrs } = call;
    const inputs = Object.values(call.inputs) as TensorInfo[];
    const { dtype, shape } = inputs[0]!;
    if (dtype === 'string' || inputs.some((each) => each.dtype !== dtype)) return call.engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, shape)[0]!;
    const shapes = inputs.map((each) => each.shape);
    backend_util.assertParamsConsistent(shapes, axis);
    const out = backend.makeOutput(backend_util.computeOutShape(shapes, axis), dtype);
    const rows = util.sizeFromShape(shape.slice(0, axis));
    const row = rowBytes(out, axis);
    let to = addressOf(backend, out);
    for (const input of inputs) {
      const bytes = rowBytes(input, axis);
      kernelsOf(backend).exports.copyRows(addressOf(backend, input), bytes, to, row, bytes, rows);
      to += bytes;
    }
    return out;
  },
};

/** `split(x, sizes, axis)`. */
export const splitKernel: WasmKernel = {
  name: SplitV,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    if (x.dtype === 'string') return call.engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    // It reads only the shape of its argument, so a TensorInfo is enough.
    const sizes = backend_util.prepareSplitSize(x as Tensor, attrs['numOrSizeSplits'] as number[] | number, axis);
    const shapes = sizes.map((size) => [...x.shape.slice(0, axis), size, ...x.shape.slice(axis + 1)]);
    return splitAlong(backend, x, axis, shapes);
  },
};

/** `unstack(value, axis)`. */
export const unpackKernel: WasmKernel = {
  name: Unpack,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const value = inputs['value']!;
    if (value.dtype === 'string') return call.engineKernel();
    const axis = util.parseAxisParam(attrs['axis'] as number, value.shape)[0]!;
    const shape = [...value.shape.slice(0, axis), ...value.shape.slice(axis + 1)];
    return splitAlong(
      backend,
      value,
      axis,
      Array.from({ length: value.shape[axis]! }, () => shape),
    );
  },
};

/** The pieces of `x` along an axis, in order, of these shapes. */
function splitAlong(backend: BackendWasm, x: TensorInfo, axis: number, shapes: readonly number[][]): TensorInfo[] {
  const rows = util.sizeFromShape(x.shape.slice(0, axis));
  const row = rowBytes(x, axis);
  let from = addressOf(backend, x);
  return shapes.map((shape) => {
    const out = backend.makeOutput(shape, x.dtype);
    const bytes = rows === 0 ? 0 : (util.sizeFromShape(shape) * util.bytesPerElement(x.dtype)) / rows;
    kernelsOf(backend).exports.copyRows(from, row, addressOf(backend, out), bytes, bytes, rows);
    from += bytes;
    return out;
  });
}

/** Stride of the leading axes, in bytes. */
function rowBytes({ shape, dtype }: TensorInfo, axis: number): number {
  return util.sizeFromShape(shape.slice(axis)) * util.bytesPerElement(dtype);
}
