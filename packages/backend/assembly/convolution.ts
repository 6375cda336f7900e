import { madd } from './madd';
import { stridedProduct } from './strided-product';

// Gradients of convolutions over [batch, height, width, channels]. At tap (r, c) of the filter, output (row, column)
// reads input (row · strideRow + r − top, column · strideColumn + c − left).

/**
 * `dw [filterHeight, filterWidth, inputs, outputs]`: for each tap and each output row, the product of the transposed
 * input row at that tap and the gradient's row. Nothing is copied.
 */
export function convolutionFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  outputs: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideRow: i32,
  strideColumn: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>inputs) << 2;
  const outPixel = (<usize>outputs) << 2;
  memory.fill(dw, 0, <usize>(filterHeight * filterWidth) * <usize>inputs * outPixel);
  for (let r = 0; r < filterHeight; r++) {
    for (let c = 0; c < filterWidth; c++) {
      const first = firstInside(left - c, strideColumn);
      const columns = endInside(left - c, strideColumn, inWidth, outWidth) - first;
      for (let b = 0; b < batch && columns > 0; b++) {
        for (let row = 0; row < outHeight; row++) {
          const inRow = row * strideRow + r - top;
          if (<u32>inRow >= <u32>inHeight) continue;
          const from = x + <usize>((b * inHeight + inRow) * inWidth + first * strideColumn + c - left) * pixel;
          const slope = dy + <usize>((b * outHeight + row) * outWidth + first) * outPixel;
          const step = <usize>strideColumn * pixel;
          stridedProduct(from, 4, step, slope, outPixel, dw, outPixel, inputs, outputs, columns, true);
        }
      }
      dw += <usize>inputs * outPixel;
    }
  }
}

/**
 * `dw [filterHeight, filterWidth, inputs, multiplier]` of a depthwise convolution, which has `inputs · multiplier`
 * output channels.
 */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  multiplier: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideRow: i32,
  strideColumn: i32,
  top: i32,
  left: i32,
): void {
  const tap = (<usize>(inputs * multiplier)) << 2;
  memory.fill(dw, 0, <usize>(filterHeight * filterWidth) * tap);
  for (let r = 0; r < filterHeight; r++) {
    for (let c = 0; c < filterWidth; c++) {
      for (let b = 0; b < batch; b++) {
        for (let row = 0; row < outHeight; row++) {
          const inRow = row * strideRow + r - top;
          if (<u32>inRow >= <u32>inHeight) continue;
          for (let column = 0; column < outWidth; column++) {
            const inColumn = column * strideColumn + c - left;
            if (<u32>inColumn >= <u32>inWidth) continue;
            const from = x + ((<usize>(((b * inHeight + inRow) * inWidth + inColumn) * inputs)) << 2);
            const slope = dy + <usize>((b * outHeight + row) * outWidth + column) * tap;
            if (multiplier === 1) addProducts(dw, from, slope, inputs);
            else addSpreadProducts(dw, from, slope, inputs, multiplier);
          }
        }
      }
      dw += tap;
    }
  }
}

/** `dx [batch, inHeight, inWidth, inputs]` of a depthwise convolution with the filter `w`. */
export function depthwiseInputGradient(
  w: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  multiplier: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideRow: i32,
  strideColumn: i32,
  top: i32,
  left: i32,
): void {
  const tap = (<usize>(inputs * multiplier)) << 2;
  memory.fill(dx, 0, (<usize>(batch * inHeight * inWidth * inputs)) << 2);
  for (let r = 0; r < filterHeight; r++) {
    for (let c = 0; c < filterWidth; c++) {
      for (let b = 0; b < batch; b++) {
        for (let row = 0; row < outHeight; row++) {
          const inRow = row * strideRow + r - top;
          if (<u32>inRow >= <u32>inHeight) continue;
          for (let column = 0; column < outWidth; column++) {
            const inColumn = column * strideColumn + c - left;
            if (<u32>inColumn >= <u32>inWidth) continue;
            const to = dx + ((<usize>(((b * inHeight + inRow) * inWidth + inColumn) * inputs)) << 2);
            const slope = dy + <usize>((b * outHeight + row) * outWidth + column) * tap;
            if (multiplier === 1) addProducts(to, w, slope, inputs);
            else addGatheredProducts(to, w, slope, inputs, multiplier);
          }
        }
      }
      w += tap;
    }
  }
}

/** The first output whose input, `output · stride − offset`, is not before the first input. */
function firstInside(offset: i32, stride: i32): i32 {
  return offset <= 0 ? 0 : (offset + stride - 1) / stride;
}

/** The output after the last one whose input is not beyond the last input. */
function endInside(offset: i32, stride: i32, size: i32, outputs: i32): i32 {
  const room = size + offset;
  return room <= 0 ? 0 : min(outputs, (room + stride - 1) / stride);
}

/** `to += a b`. */
function addProducts(to: usize, a: usize, b: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(to, madd(v128.load(a), v128.load(b), v128.load(to)));
    to += 16;
    a += 16;
    b += 16;
  }
  for (; count > 0; count--) {
    store<f32>(to, load<f32>(to) + load<f32>(a) * load<f32>(b));
    to += 4;
    a += 4;
    b += 4;
  }
}

/** `to[i, j] += a[i] b[i, j]`. */
function addSpreadProducts(to: usize, a: usize, b: usize, count: i32, each: i32): void {
  for (let i = 0; i < count; i++) {
    const value = load<f32>(a + ((<usize>i) << 2));
    for (let j = 0; j < each; j++) {
      store<f32>(to, load<f32>(to) + value * load<f32>(b));
      to += 4;
      b += 4;
    }
  }
}

/** `to[i] += Σ a[i, j] b[i, j]`. */
function addGatheredProducts(to: usize, a: usize, b: usize, count: i32, each: i32): void {
  for (let i = 0; i < count; i++) {
    let sum: f32 = 0;
    for (let j = 0; j < each; j++) {
      sum += load<f32>(a) * load<f32>(b);
      a += 4;
      b += 4;
    }
    store<f32>(to, load<f32>(to) + sum);
    to += 4;
  }
}
