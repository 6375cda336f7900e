import { open } from 'node:fs/promises';
import { MmrecFileError } from './mmrec-file-error.js';

/** A numpy array of two axes. */
export interface NpyMatrix {
  readonly rows: number;
  readonly columns: number;
  /** `[rows, columns]`; float64 is rounded to float32. */
  readonly values: Float32Array;
}

const MAGIC = '\x93NUMPY';
const WHERE = 'readNpy';
/** Values per read. */
const CHUNK = 2 ** 20;

/**
 * Reads a numpy file (`numpy.save`): a matrix of little-endian float32 or float64 in C order.
 *
 * @throws {@link MmrecFileError} naming the file for another file format, dtype, order or number of axes, for a size
 *   that differs from the header's, and for values that are not finite: how many, and the first row.
 */
export async function readNpy(file: string): Promise<NpyMatrix> {
  const fail = (problem: string): never => {
    throw new MmrecFileError(WHERE, file, problem);
  };
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => fail(`cannot open the file: ${error.code}`));
  try {
    const start = Buffer.alloc(12);
    const { bytesRead } = await handle.read(start, 0, 12, 0);
    if (bytesRead < 12 || start.toString('latin1', 0, 6) !== MAGIC) fail('expected a numpy file, got other bytes');
    const version = start[6]!;
    if (version < 1 || version > 3) fail(`expected version 1, 2 or 3 of the numpy format, got ${version}`);
    const headerAt = version === 1 ? 10 : 12;
    const headerLength = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
    const { size } = await handle.stat();
    if (headerAt + headerLength > size) fail(`expected a header of ${headerLength} bytes, got a file of ${size}`);
    const header = Buffer.alloc(headerLength);
    await handle.read(header, 0, headerLength, headerAt);
    const { width, rows, columns } = parseHeader(header.toString('latin1'), fail);
    const dataAt = headerAt + headerLength;
    const expected = rows * columns * width;
    if (size - dataAt !== expected) {
      fail(`expected ${expected} bytes of data for shape (${rows}, ${columns}), got ${size - dataAt}`);
    }

    const values = new Float32Array(rows * columns);
    const chunk = Buffer.alloc(Math.min(values.length, CHUNK) * width);
    const view = new DataView(chunk.buffer, chunk.byteOffset);
    let strays = 0;
    let firstRow = 0;
    for (let done = 0; done < values.length; done += CHUNK) {
      const count = Math.min(CHUNK, values.length - done);
      const { bytesRead: read } = await handle.read(chunk, 0, count * width, dataAt + done * width);
      if (read !== count * width) fail(`expected ${count * width} bytes, got ${read}`);
      for (let i = 0; i < count; i++) {
        const value = width === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
        values[done + i] = value;
        if (Number.isFinite(values[done + i])) continue;
        if (strays++ === 0) firstRow = Math.floor((done + i) / columns);
      }
    }
    if (strays > 0) fail(`expected finite numbers, got ${strays} that are not, the first in row ${firstRow}`);
    return { rows, columns, values };
  } finally {
    await handle.close();
  }
}

/** The header is a Python dict: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. */
function parseHeader(
  text: string,
  fail: (problem: string) => never,
): { readonly width: 4 | 8; readonly rows: number; readonly columns: number } {
  const dtype = /'descr':\s*('[^']*'|\[.*?\])/.exec(text)?.[1] ?? fail('expected a dtype in the header, got none');
  if (dtype !== "'<f4'" && dtype !== "'<f8'") fail(`expected dtype '<f4' or '<f8', got ${dtype}`);
  if (!/'fortran_order':\s*False/.test(text)) fail('expected C order, got Fortran order: save numpy.ascontiguousarray');
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1] ?? fail('expected a shape in the header, got none');
  const sizes = shape
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (sizes.length !== 2 || sizes.some((size) => size < 1)) {
    fail(`expected a shape of two axes, each at least 1, got (${sizes.join(', ')})`);
  }
  return { width: dtype === "'<f4'" ? 4 : 8, rows: sizes[0]!, columns: sizes[1]! };
}
