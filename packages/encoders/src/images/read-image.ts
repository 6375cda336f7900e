import { readFile, stat } from 'node:fs/promises';
import { ImageError } from './image-error.js';
import type { ImageFormat } from './image-format.js';

/**
 * The bytes of an image, within the limits of the format.
 *
 * @throws {@link ImageError} if the file is missing, empty, unreadable or too large.
 */
export async function readImage(input: string | Uint8Array, format: ImageFormat): Promise<Uint8Array> {
  const file = typeof input === 'string' ? input : undefined;
  const bytes = typeof input === 'string' ? await readFromFile(input, format.maxBytes) : input;
  if (bytes.length === 0) throw new ImageError(file, 'empty', '0 bytes');
  if (isCompressed(bytes)) throw new ImageError(file, 'tooLarge', 'compressed');
  if (bytes.length > format.maxBytes) {
    throw new ImageError(file, 'tooLarge', `${bytes.length} bytes, more than ${format.maxBytes}`);
  }
  if (bytes.length > format.maxSvgBytes && isSvg(bytes)) {
    throw new ImageError(file, 'tooLarge', `an SVG of ${bytes.length} bytes, more than ${format.maxSvgBytes}`);
  }
  return bytes;
}

async function readFromFile(file: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const found = await stat(file);
    // Checked first, because reading a pipe or a device may never end.
    if (!found.isFile()) throw new ImageError(file, 'unreadable', 'not a file');
    if (found.size > maxBytes) throw new ImageError(file, 'tooLarge', `${found.size} bytes, more than ${maxBytes}`);
    return await readFile(file);
  } catch (error) {
    if (ImageError.isInstance(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ImageError(file, FILE_REASONS[code] ?? 'unreadable', code, { cause: error });
  }
}

const FILE_REASONS: Readonly<Record<string, ImageError['reason']>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ERR_FS_FILE_TOO_LARGE: 'tooLarge',
};

/** libvips' rule: `<svg` in the first thousand bytes of a text. */
export function isSvg(bytes: Uint8Array): boolean {
  const isText = bytes[0]! < 0x80 || bytes[0] === 0xef; // ASCII or a byte order mark
  return isText && /<svg/i.test(Buffer.from(bytes.subarray(0, 1000)).toString('latin1'));
}

/** gzip, which libvips accepts around an SVG only. A small file may hold a very large one. */
function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
