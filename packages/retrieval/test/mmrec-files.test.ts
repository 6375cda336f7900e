import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MmrecFileError, readMmrecFolder, readMmrecInteractions, readNpy } from '@sifaka/retrieval/mmrec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sifaka-mmrec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

interface NpyOptions {
  readonly descr?: string;
  readonly order?: string;
  readonly shape?: string;
  readonly version?: number;
}

/** A numpy file, as `numpy.save` writes it. */
function npy(bytes: Uint8Array, { descr = "'<f4'", order = 'False', shape = '(2, 3)', version = 1 }: NpyOptions = {}) {
  const lengthBytes = version === 1 ? 2 : 4;
  let header = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
  header = `${header.padEnd(127 - 8 - lengthBytes)}\n`;
  const start = Buffer.alloc(8 + lengthBytes);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  if (version === 1) start.writeUInt16LE(header.length, 8);
  else start.writeUInt32LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), bytes]);
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const doubles = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);
const VALUES = [0.5, -1, 2, 3.25, 1e-3, -7];

describe('readNpy', () => {
  it.each([1, 2, 3])('reads float32 and float64 of version %i', async (version) => {
    const expected = { rows: 2, columns: 3, values: Float32Array.from(VALUES) };
    expect(await readNpy(write('a.npy', npy(floats(...VALUES), { version })))).toEqual(expected);
    expect(await readNpy(write('b.npy', npy(doubles(...VALUES), { version, descr: "'<f8'" })))).toEqual(expected);
  });

  it('reads more values than one read takes', async () => {
    const values = Float32Array.from({ length: 3 * 400_000 }, (_, i) => i % 1013);
    const file = write('large.npy', npy(new Uint8Array(values.buffer), { shape: '(400000, 3)' }));
    const { values: read } = await readNpy(file);
    expect(read.every((value, i) => value === values[i])).toBe(true);
  });

  it.each([
    ['another file', Buffer.from('PK not numpy at all'), 'expected a numpy file, got other bytes'],
    ['an empty file', Buffer.alloc(0), 'expected a numpy file, got other bytes'],
    ['integers', npy(floats(...VALUES), { descr: "'<i4'" }), "expected dtype '<f4' or '<f8', got '<i4'"],
    ['big endian', npy(floats(...VALUES), { descr: "'>f4'" }), "got '>f4'"],
    ['records', npy(floats(...VALUES), { descr: "[('a', '<f4')]" }), "got [('a', '<f4')]"],
    ['Fortran order', npy(floats(...VALUES), { order: 'True' }), 'expected C order, got Fortran order'],
    ['one axis', npy(floats(...VALUES), { shape: '(6,)' }), 'expected a shape of two axes, each at least 1, got (6)'],
    ['no rows', npy(floats(), { shape: '(0, 3)' }), 'each at least 1, got (0, 3)'],
    ['a cut file', npy(floats(1, 2, 3, 4, 5)), 'expected 24 bytes of data for shape (2, 3), got 20'],
    ['surplus bytes', npy(floats(...VALUES, 1)), 'expected 24 bytes of data for shape (2, 3), got 28'],
    ['version 9', npy(floats(...VALUES), { version: 9 }), 'expected version 1, 2 or 3 of the numpy format, got 9'],
    [
      'NaN and infinity',
      npy(floats(0, 1, 2, Number.NaN, 4, Number.POSITIVE_INFINITY)),
      'expected finite numbers, got 2 that are not, the first in row 1',
    ],
    [
      'a double beyond float32',
      npy(doubles(1e300, 0, 0, 0, 0, 0), { descr: "'<f8'" }),
      'got 1 that are not, the first in row 0',
    ],
    ['a cut header', npy(floats()).subarray(0, 40), 'expected a header of 118 bytes'],
  ])('refuses %s', async (_, bytes, message) => {
    const file = write('bad.npy', bytes);
    const error = await readNpy(file).catch((reason: unknown) => reason);
    expect(MmrecFileError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain(file);
  });

  it('says that a file is missing', async () => {
    await expect(readNpy(path.join(folder, 'none.npy'))).rejects.toThrow('cannot open the file: ENOENT');
  });
});

const TABLE =
  'userID\titemID\trating\ttimestamp\tx_label\n0\t1\t5.0\t1.4e9\t0\n0\t0\t5.0\t1.4e9\t1\n1\t1\t4.0\t1.4e9\t0\n';

describe('readMmrecInteractions', () => {
  it('finds columns by name, with either line end', async () => {
    const expected = { users: Int32Array.of(0, 0, 1), items: Int32Array.of(1, 0, 1), parts: Int32Array.of(0, 1, 0) };
    expect(await readMmrecInteractions(write('a.inter', TABLE))).toEqual(expected);
    expect(await readMmrecInteractions(write('b.inter', TABLE.replaceAll('\n', '\r\n')))).toEqual(expected);
    const moved = '\uFEFFx_label\titemID\tuserID\n0\t1\t0\n1\t0.0\t0\n0\t1\t1';
    expect(await readMmrecInteractions(write('c.inter', moved))).toEqual(expected);
  });

  it.each([
    ['no x_label', 'userID\titemID\n0\t1\n', 'expected a column x_label (separated by tabs), got userID, itemID', 1],
    ['commas', TABLE.replaceAll('\t', ','), 'expected a column userID (separated by tabs)', 1],
    [
      'a word',
      TABLE.replace('1\t1\t4.0', '1\tone\t4.0'),
      'expected itemID to be a whole number from 0 to 2147483647, got "one"',
      4,
    ],
    ['a negative id', TABLE.replace('1\t1\t4.0', '-1\t1\t4.0'), 'expected userID to be a whole number', 4],
    ['a large id', TABLE.replace('1\t1\t4.0', '9999999999\t1\t4.0'), 'got "9999999999"', 4],
    [
      'another part',
      TABLE.replace('1.4e9\t1\n', '1.4e9\t3\n'),
      'expected x_label to be a whole number from 0 to 2, got "3"',
      3,
    ],
    ['a short line', `${TABLE}2\t1\n`, 'expected x_label to be a whole number from 0 to 2, got no cell', 5],
    ['no rows', 'userID\titemID\tx_label\n', 'expected interactions, got none', undefined],
    ['nothing', '', 'expected a column userID', 1],
  ])('refuses %s', async (_, text, message, line) => {
    const error = await readMmrecInteractions(write('bad.inter', text)).catch((reason: unknown) => reason);
    expect(MmrecFileError.isInstance(error)).toBe(true);
    expect((error as MmrecFileError).message).toContain(message);
    expect((error as MmrecFileError).line).toBe(line);
  });
});

describe('readMmrecFolder', () => {
  it('joins the table and the features of all modalities', async () => {
    write('tiny.inter', TABLE);
    write('image_feat.npy', npy(floats(1, 2, 3, 4, 5, 6)));
    write('text_feat.npy', npy(doubles(7, 8), { descr: "'<f8'", shape: '(2, 1)' }));
    const { name, data } = await readMmrecFolder(folder);
    expect(name).toBe('tiny');
    expect([data.numUsers, data.numItems]).toEqual([2, 2]);
    expect(data.features).toEqual({
      image: { dim: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      text: { dim: 1, values: Float32Array.of(7, 8) },
    });
  });

  it('reads a folder without features', async () => {
    write('tiny.inter', TABLE);
    expect((await readMmrecFolder(folder)).data.features).toEqual({});
  });

  it('names items beyond the features, and features of different lengths', async () => {
    write('tiny.inter', `${TABLE}1\t2\t1\t1\t0\n1\t5\t1\t1\t0\n`);
    write('image_feat.npy', npy(floats(...VALUES)));
    await expect(readMmrecFolder(folder)).rejects.toThrow(
      'expected a row for each item, got 2 rows; 2 items of tiny.inter are beyond, such as 2',
    );
    write('tiny.inter', TABLE);
    write('text_feat.npy', npy(floats(...VALUES), { shape: '(3, 2)' }));
    await expect(readMmrecFolder(folder)).rejects.toThrow('expected 2 rows, as in the other features, got 3');
  });

  it('needs one table with train interactions', async () => {
    await expect(readMmrecFolder(folder)).rejects.toThrow('expected one .inter file, got none');
    write('a.inter', TABLE.replaceAll('\t0\n', '\t1\n'));
    await expect(readMmrecFolder(folder)).rejects.toThrow('expected interactions with x_label 0 (train), got none');
    write('b.inter', TABLE);
    await expect(readMmrecFolder(folder)).rejects.toThrow('expected one .inter file, got a.inter, b.inter');
    await expect(readMmrecFolder(path.join(folder, 'none'))).rejects.toThrow('cannot read the folder: ENOENT');
  });
});
