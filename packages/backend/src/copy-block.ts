/** A block of values to copy from one tensor to another. Starts and strides are in elements. */
export interface CopyBlock {
  readonly from: number;
  readonly to: number;
  readonly sizes: readonly number[];
  readonly fromStrides: readonly number[];
  readonly toStrides: readonly number[];
}

/** The block at `begin` of a tensor, which becomes a tensor of its own. */
export function cutOut(shape: readonly number[], begin: readonly number[], sizes: readonly number[]): CopyBlock {
  const strides = stridesOf(shape);
  return { from: offset(begin, strides), to: 0, sizes, fromStrides: strides, toStrides: stridesOf(sizes) };
}

/** A whole tensor of `sizes`, which becomes the block at `begin` of a tensor of `shape`. */
export function putInto(shape: readonly number[], begin: readonly number[], sizes: readonly number[]): CopyBlock {
  const strides = stridesOf(shape);
  return { from: 0, to: offset(begin, strides), sizes, fromStrides: stridesOf(sizes), toStrides: strides };
}

/** Merges neighbouring axes of a block where possible. At least one axis remains. */
export function joinAxes({ from, to, ...block }: CopyBlock): CopyBlock {
  const [sizes, fromStrides, toStrides]: [number[], number[], number[]] = [[], [], []];
  for (const [axis, size] of block.sizes.entries()) {
    if (size === 1) continue;
    const [fromStride, toStride] = [block.fromStrides[axis]!, block.toStrides[axis]!];
    const last = sizes.length - 1;
    if (last >= 0 && fromStrides[last] === fromStride * size && toStrides[last] === toStride * size) {
      sizes[last]! *= size;
      fromStrides[last] = fromStride;
      toStrides[last] = toStride;
    } else {
      sizes.push(size);
      fromStrides.push(fromStride);
      toStrides.push(toStride);
    }
  }
  return sizes.length > 0
    ? { from, to, sizes, fromStrides, toStrides }
    : { from, to, sizes: [1], fromStrides: [1], toStrides: [1] };
}

function offset(begin: readonly number[], strides: readonly number[]): number {
  return begin.reduce((sum, position, axis) => sum + position * strides[axis]!, 0);
}

/** Strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}
