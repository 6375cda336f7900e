import { readSafetensors, type SafetensorsEntry, writeSafetensors } from '@sifaka/nn';
import { readGolden } from '@sifaka/test-kit';
import { describe, expect, it } from 'vitest';

const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
/** Written by the Python library: see `tools/golden/nn/generate.py`. */
const golden = readGolden<Record<'file' | 'scalarAndEmpty' | 'half', string>>(import.meta.url, 'safetensors');

const tensors = new Map<string, SafetensorsEntry>([
  ['double', { dtype: 'F64', shape: [1, 2], data: Float64Array.of(1 / 3, -2e300) }],
  ['float', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1.5, -2.25, 3e-8, 0, 1e30, -0.5) }],
  ['integer', { dtype: 'I32', shape: [3], data: Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1) }],
  ['bytes.größe', { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 127, 255) }],
]);

/** A file with this header and this many bytes of data. */
function fileOf(header: unknown, dataBytes = 8): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('writeSafetensors', () => {
  it('writes the same bytes as the Python library', () => {
    expect(writeSafetensors(tensors, { format: 'np' })).toEqual(fromBase64(golden.file));
  });

  it('writes only the part of a buffer that an array covers', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const { tensors } = readSafetensors(writeSafetensors(new Map([['part', { dtype: 'F32', shape: [2], data }]])));
    expect(tensors.get('part')!.data).toEqual(Float32Array.of(2, 3));
  });

  it('aligns every tensor to its own element width, in any order of input', () => {
    const file = writeSafetensors(new Map([...tensors].reverse()));
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + file[0]! + 256 * file[1]!))) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    for (const [name, { data }] of tensors) expect(header[name]!.data_offsets[0] % data.BYTES_PER_ELEMENT).toBe(0);
  });

  it('names a tensor whose data does not fit its description', () => {
    const write = (name: string, entry: SafetensorsEntry) => () => writeSafetensors(new Map([[name, entry]]));
    expect(write('w', { dtype: 'F32', shape: [2, 2], data: new Float32Array(3) })).toThrow(
      'writeSafetensors: w of shape [2, 2]: expected 4 values, got 3',
    );
    expect(write('w', { dtype: 'F32', shape: [1], data: new Float64Array(1) })).toThrow(
      'writeSafetensors: w: expected F32 data, got Float64Array',
    );
    expect(write('__metadata__', { dtype: 'U8', shape: [1], data: new Uint8Array(1) })).toThrow('__metadata__');
  });
});

describe('readSafetensors', () => {
  it('reads what the Python library wrote', () => {
    const file = readSafetensors(fromBase64(golden.file));
    expect(file.metadata).toEqual({ format: 'np' });
    expect(new Map(file.tensors)).toEqual(tensors);
  });

  it('reads scalars and empty tensors', () => {
    const file = readSafetensors(fromBase64(golden.scalarAndEmpty));
    expect(file.tensors.get('scalar')).toEqual({ dtype: 'F32', shape: [], data: Float32Array.of(7) });
    expect(file.tensors.get('empty')).toEqual({ dtype: 'F32', shape: [0, 3], data: new Float32Array(0) });
    expect(file.metadata).toEqual({});
  });

  it('reads back every type from any offset in a buffer, and shares no memory with it', () => {
    const file = writeSafetensors(tensors, { step: '12' });
    const moved = new Uint8Array(file.length + 3);
    moved.set(file, 3);
    // A Node file read is a Buffer, whose slice() is a view.
    for (const bytes of [moved.subarray(3), Buffer.from(moved.buffer, 3)]) {
      const read = readSafetensors(bytes);
      expect(new Map(read.tensors)).toEqual(tensors);
      expect(read.metadata).toEqual({ step: '12' });
      expect([...read.tensors.values()].every(({ data }) => data.buffer !== bytes.buffer)).toBe(true);
    }
  });

  it('refuses a file truncated anywhere, naming the truncated tensor', () => {
    const file = writeSafetensors(tensors);
    for (let length = 0; length < file.length; length++) {
      expect(() => readSafetensors(file.subarray(0, length))).toThrow(/^readSafetensors: /);
    }
    expect(() => readSafetensors(file.subarray(0, file.length - 1))).toThrow(
      'readSafetensors: bytes.größe: expected 3 bytes for U8 [3] within the file, got 52…55',
    );
  });

  it.each([
    ['an unknown type', fromBase64(golden.half), 'weight: expected F32, F64, I32 or U8, got F16'],
    [
      'the name of an inherited property as a type',
      fileOf({ w: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }),
      'w: expected F32',
    ],
    ['no entry', fileOf({ w: null }), 'w: expected F32, F64, I32 or U8, got undefined'],
    ['no shape', fileOf({ w: { dtype: 'F32', data_offsets: [0, 4] } }), 'w: expected a shape of whole numbers'],
    ['a negative axis', fileOf({ w: { dtype: 'F32', shape: [-1, -1], data_offsets: [0, 4] } }), 'w: expected a shape'],
    ['no offsets', fileOf({ w: { dtype: 'F32', shape: [1] } }), 'w: expected two offsets, got undefined'],
    [
      'too few bytes',
      fileOf({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }),
      'w: expected 8 bytes for F32 [2]',
    ],
    [
      'bytes outside',
      fileOf({ w: { dtype: 'F32', shape: [1], data_offsets: [8, 12] } }),
      'w: expected 4 bytes for F32 [1]',
    ],
    ['a header that is not JSON', fileOf('{"w":'), 'the header is not JSON'],
    ['a header without names', fileOf('[1]'), 'expected a header of named tensors, got [1]'],
    [
      'a header longer than the file',
      Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123, 125),
      'expected a header within 10 bytes, got a length of 255',
    ],
    ['90 MB of brackets', fileOf('['.repeat(90_000_000), 0), 'expected at most 3 levels of brackets in the header'],
    [
      'metadata that are not strings',
      fileOf({ __metadata__: { step: 1 } }, 0),
      'expected __metadata__ of strings, got {"step":1}',
    ],
    [
      'a long list',
      fileOf({ w: { dtype: 'U8', shape: Array(65).fill(1), data_offsets: [0, 1] } }, 1),
      'expected lists of at most 64 numbers',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(`readSafetensors: ${message}`);
  });

  const entry = (start: number, end: number) => ({ dtype: 'U8', shape: [end - start], data_offsets: [start, end] });

  it('refuses 8,000 tensors that share one megabyte', () => {
    const names = Array.from({ length: 8000 }, (_, i) => [`t${i}`, entry(0, 1_000_000)]);
    expect(() => readSafetensors(fileOf(Object.fromEntries(names), 1_000_000))).toThrow(
      'readSafetensors: t1: expected a start at byte 1000000, after t0, got 0 (the tensors overlap)',
    );
  });

  it('refuses an overlap of one byte, a hole, and bytes of no tensor', () => {
    const read = (header: unknown, size: number) => () => readSafetensors(fileOf(header, size));
    expect(read({ b: entry(3, 8), a: entry(0, 4) }, 8)).toThrow('b: expected a start at byte 4, after a, got 3 (the');
    expect(read({ a: entry(0, 4), b: entry(5, 8) }, 8)).toThrow('b: expected a start at byte 4, after a, got 5 (there');
    expect(read({ a: entry(1, 4) }, 4)).toThrow('a: expected a start at byte 0, first, got 1 (there is a hole)');
    expect(read({ a: entry(0, 4) }, 5)).toThrow('readSafetensors: expected tensors of all 5 bytes, got 4');
    expect(readSafetensors(fileOf({ b: entry(4, 8), empty: entry(4, 4), a: entry(0, 4) }, 8)).tensors.size).toBe(3);
  });

  it('refuses a name that occurs twice, however it is written', () => {
    const one = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
    for (const second of ['"a"', '"\\u0061"', '"a" \n']) {
      expect(() => readSafetensors(fileOf(`{"a":${one},${second}:${one}}`, 0))).toThrow(
        'readSafetensors: expected each name once, got a twice',
      );
    }
    expect(() => readSafetensors(fileOf('{"a":{"dtype":"U8","dtype":"F32","shape":[0]}}', 0))).toThrow(
      'got dtype twice',
    );
    // A text with a colon behind it in a value is not a name.
    expect(readSafetensors(fileOf('{"__metadata__":{"a":"\\"a\\":","b":"a"}}', 0)).metadata).toEqual({
      a: '"a":',
      b: 'a',
    });
  });

  it('knows where a text ends that holds quotes', () => {
    expect(readSafetensors(fileOf({ __metadata__: { x: '"[[[[{"', y: '\\' } }, 0)).metadata).toEqual({
      x: '"[[[[{"',
      y: '\\',
    });
  });

  it('has limits for the header and for the number of tensors', () => {
    const file = fileOf({ __metadata__: { x: 'y' }, a: entry(0, 4), b: entry(4, 8) }, 8);
    const headerBytes = file.length - 16;
    expect(readSafetensors(file, { maxHeaderBytes: headerBytes, maxTensors: 2 }).tensors.size).toBe(2);
    expect(() => readSafetensors(file, { maxHeaderBytes: headerBytes - 1 })).toThrow(
      `readSafetensors: expected a header of at most ${headerBytes - 1} bytes, got ${headerBytes}`,
    );
    expect(() => readSafetensors(file, { maxTensors: 1 })).toThrow('expected at most 1 ');
    expect(readSafetensors(fileOf({ a: entry(0, 4) }, 4), { maxTensors: 1 }).tensors.size).toBe(1);
    const metadata = { a: '', b: '', c: '', d: '' };
    const notes = fileOf({ __metadata__: metadata }, 0);
    expect(readSafetensors(notes, { maxTensors: 4 }).metadata).toEqual(metadata);
    expect(() => readSafetensors(notes, { maxTensors: 3 })).toThrow('expected at most 3 names in the header, got more');
    expect(() => readSafetensors(file, { maxTensors: Number.NaN })).toThrow(
      'readSafetensors: expected maxTensors to be a whole number from 1, got NaN',
    );
  });

  it('quotes names shortly and without control characters', () => {
    const long = `\u001b[2J${'x'.repeat(1_000_000)}`;
    let message = '';
    try {
      readSafetensors(fileOf({ [long]: { dtype: long } }));
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^readSafetensors: \\u001b\[2Jx+…: expected F32, F64, I32 or U8, got \\u001b\[2Jx+…$/);
    expect(message.length).toBeLessThan(400);
  });

  it('keeps a tensor named __proto__', () => {
    const tensors = new Map<string, SafetensorsEntry>([
      ['__proto__', { dtype: 'U8', shape: [1], data: Uint8Array.of(7) }],
    ]);
    expect(new Map(readSafetensors(writeSafetensors(tensors)).tensors)).toEqual(tensors);
  });
});
