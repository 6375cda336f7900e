import { Transpose, util } from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf } from '../kernels-module.js';
import type { WasmKernel } from '../wasm-kernel.js';

/**
 * `transpose` for permutations that swap two groups of neighbouring axes, such as attention's `[0, 2, 1, 3]` and every
 * matrix transpose.
 */
export const transposeKernel: WasmKernel = {
  name: Transpose,
  run: (call) => {
    const { backend, inputs, attrs } = call;
    const x = inputs['x']!;
    const perm = attrs['perm'] as number[];
    const swap = axisSwap(x.shape, perm);
    if ((x.dtype !== 'float32' && x.dtype !== 'int32') || swap === undefined) return call.engineKernel();
    const shape = perm.map((axis) => x.shape[axis]!);
    if (swap.rows === 1 || swap.columns === 1) {
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape, dtype: x.dtype };
    }
    const out = backend.makeOutput(shape, x.dtype);
    kernelsOf(backend).exports.swapAxes(
      addressOf(backend, x),
      addressOf(backend, out),
      swap.outer,
      swap.rows,
      swap.columns,
      swap.inner,
    );
    return out;
  },
};

interface AxisSwap {
  readonly outer: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
}

/**
 * The permutation as `[outer, rows, columns, inner] → [outer, columns, rows, inner]`, or undefined for other
 * permutations.
 */
function axisSwap(shape: readonly number[], perm: readonly number[]): AxisSwap | undefined {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  const kept = [...moved].sort((a, b) => a - b);
  let start = 0;
  while (start < moved.length && moved[start] === kept[start]) start++;
  let end = moved.length;
  while (end > start && moved[end - 1] === kept[end - 1]) end--;

  // Between `start` and `end`, the output must have the second group and then the first, each in its own order.
  const permuted = moved.slice(start, end);
  const original = kept.slice(start, end);
  const split = original.indexOf(permuted[0]!);
  const swapped = [...original.slice(split), ...original.slice(0, split)];
  if (!util.arraysEqual(permuted, swapped)) return undefined;

  const size = (axes: readonly number[]): number => axes.reduce((product, axis) => product * shape[axis]!, 1);
  return {
    outer: size(kept.slice(0, start)),
    rows: size(original.slice(0, Math.max(split, 0))),
    columns: size(original.slice(Math.max(split, 0))),
    inner: size(kept.slice(end)),
  };
}
