import { readSafetensorsLayout, safetensorsHeaderEnd, type WidenedDtype, widenToFloat32 } from '@sifaka/nn';
import { readGolden } from '@sifaka/test-kit';
import { describe, expect, it } from 'vitest';

const golden = readGolden<{ file: string; bits: Record<'float16' | 'bfloat16', number[]> }>(
  import.meta.url,
  'half-floats',
);
const everyHalf = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const bitsOf = (array: Float32Array) => new Uint32Array(array.buffer, array.byteOffset, array.length);

/** A value from its bits by the definition of IEEE 754. */
function ieeeValue(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) === 0 ? 1 : -1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

describe('widenToFloat32', () => {
  it.each([
    ['F16', 5, 10],
    ['BF16', 8, 7],
  ] as const)('widens every %s to its value', (dtype, exponentBits, fractionBits) => {
    const widened = widenToFloat32(dtype, bytesOf(everyHalf));
    let wrong = 0;
    for (const bits of everyHalf) {
      if (!Object.is(widened[bits], ieeeValue(bits, exponentBits, fractionBits))) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('keeps the payloads of all NaNs apart', () => {
    for (const dtype of ['F16', 'BF16'] as const) {
      expect(new Set(bitsOf(widenToFloat32(dtype, bytesOf(everyHalf)))).size).toBe(1 << 16);
    }
  });

  it.each([
    ['float16', 'F16'],
    ['bfloat16', 'BF16'],
  ] as const)('gives the bits that PyTorch gives for %s', (name, dtype) => {
    const file = new Uint8Array(Buffer.from(golden.file, 'base64'));
    const place = readSafetensorsLayout(file, file.length).tensors.get(name)!;
    expect(place).toMatchObject({ dtype, shape: [golden.bits[name].length] });
    expect([...bitsOf(widenToFloat32(dtype, file.subarray(place.start, place.end)))]).toEqual(golden.bits[name]);
  });

  it('reads from any offset, and float32 without a copy where it can', () => {
    const numbers = Float32Array.of(1.5, -0, Number.NaN, 2 ** -149);
    expect(widenToFloat32('F32', bytesOf(numbers)).buffer).toBe(numbers.buffer);
    const moved = new Uint8Array(17);
    moved.set(bytesOf(numbers), 1);
    expect(bitsOf(widenToFloat32('F32', moved.subarray(1)))).toEqual(bitsOf(numbers));
    // A Node Buffer's slice() is a view, which would keep the odd offset.
    const halves = Buffer.from(moved.buffer, 1, 16);
    expect(bitsOf(widenToFloat32('BF16', halves))[1]).toBe(0x3fc00000);
  });

  it('refuses other types and half an element', () => {
    expect(() => widenToFloat32('F64' as WidenedDtype, new Uint8Array(8))).toThrow(
      'widenToFloat32: expected F32, F16 or BF16, got F64',
    );
    expect(() => widenToFloat32('F16', new Uint8Array(3))).toThrow(
      'widenToFloat32: expected a multiple of 2 bytes for F16, got 3',
    );
  });
});

describe('readSafetensorsLayout', () => {
  const file = (header: object, dataBytes: number) => {
    const json = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + dataBytes);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  const tensor = (dtype: string, shape: number[], start: number, end: number) => ({
    dtype,
    shape,
    data_offsets: [start, end],
  });

  it('needs only the header, and counts bytes from the start of the file', () => {
    const bytes = file(
      { ids: tensor('I64', [2], 0, 16), half: tensor('F16', [3], 16, 22), __metadata__: { a: 'b' } },
      22,
    );
    const end = safetensorsHeaderEnd(bytes.subarray(0, 8), bytes.length);
    expect(end).toBe(bytes.length - 22);
    const layout = readSafetensorsLayout(bytes.subarray(0, end), bytes.length);
    expect(layout.metadata).toEqual({ a: 'b' });
    expect([...layout.tensors]).toEqual([
      ['ids', { dtype: 'I64', shape: [2], start: end, end: end + 16 }],
      ['half', { dtype: 'F16', shape: [3], start: end + 16, end: end + 22 }],
    ]);
    expect(() => readSafetensorsLayout(bytes.subarray(0, end - 1), bytes.length)).toThrow(
      `readSafetensorsLayout: expected the first ${end} bytes, got ${end - 1}`,
    );
  });

  it('refuses unknown types, and sizes that disagree with the type', () => {
    const read = (header: object, dataBytes: number) => () => {
      const bytes = file(header, dataBytes);
      return readSafetensorsLayout(bytes, bytes.length);
    };
    expect(read({ w: tensor('F7', [1], 0, 1) }, 1)).toThrow(/^readSafetensors: w: expected F32, F16, .*, got F7$/);
    expect(read({ w: tensor('BF16', [3], 0, 12) }, 12)).toThrow('w: expected 6 bytes for BF16 [3] within the file');
    expect(read({ w: tensor('F16', [2 ** 52, 2 ** 52], 0, 2) }, 2)).toThrow('w: expected');
  });
});
