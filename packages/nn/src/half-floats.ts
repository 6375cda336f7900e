/** Element types whose every value is a float32 value. */
export type WidenedDtype = 'F32' | 'F16' | 'BF16';

/**
 * Values of safetensors data as float32. Nothing is rounded: subnormals, infinities and the sign of zero are kept, and
 * so is the payload of a NaN.
 *
 * @param bytes little-endian, as safetensors files store them.
 * @returns for F32 a view of `bytes` where its alignment allows it, otherwise a new array.
 * @throws RangeError unless the bytes are whole elements, or if the type is another one.
 */
export function widenToFloat32(dtype: WidenedDtype, bytes: Uint8Array): Float32Array {
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new RangeError(`widenToFloat32: expected F32, F16 or BF16, got ${String(dtype)}`);
  }
  const width = dtype === 'F32' ? 4 : 2;
  if (bytes.length % width !== 0) {
    throw new RangeError(`widenToFloat32: expected a multiple of ${width} bytes for ${dtype}, got ${bytes.length}`);
  }
  // Not bytes.slice(), because a Node Buffer's slice() is a view, not a copy.
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : Uint8Array.from(bytes);
  const count = bytes.length / width;
  if (dtype === 'F32') return new Float32Array(buffer, byteOffset, count);
  const halves = new Uint16Array(buffer, byteOffset, count);
  // Bits, not numbers: an engine may change the payload of a NaN that it handles as a number.
  const bits = new Uint32Array(count);
  if (dtype === 'BF16') for (let i = 0; i < count; i++) bits[i] = halves[i]! << 16;
  else {
    const table = float16Table();
    for (let i = 0; i < count; i++) bits[i] = table[halves[i]!]!;
  }
  return new Float32Array(bits.buffer);
}

let table: Uint32Array | undefined;

/** Bits of the float32 of every float16: 256 KiB, made on first use. */
function float16Table(): Uint32Array {
  table ??= Uint32Array.from({ length: 1 << 16 }, (_, half) => float32Bits(half));
  return table;
}

/** IEEE 754: one sign bit, 5 bits of exponent (bias 15), 10 of fraction → 1, 8 (bias 127) and 23. */
function float32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // Infinity or NaN
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal float16, `fraction · 2⁻²⁴`, is a normal float32: its highest bit becomes the implicit one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
