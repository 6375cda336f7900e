import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { MissingPackageError } from '../missing-package-error.js';
import { loadSharp } from '../optional-packages.js';
import { quotedFile } from '../quoted-file.js';
import { removeStaleFiles, temporaryName } from '../stale-files.js';
import type { BrokenImage } from './broken-image.js';
import { forEachParallel } from './for-each-parallel.js';
import type { ImageFormat } from './image-format.js';
import { JPEG_DECODER_VERSION } from './jpeg/jpeg-module.js';
import { RESAMPLE_VERSION } from './processor/resample.js';

// Layout: magic bytes with the version of the layout (8 bytes) · length of the header (uint32) · header (JSON: key,
// broken) · status [N] · pixels [N, height, width, 3] · CRC-32 of everything before it (uint32). Integers are
// little-endian.
const MAGIC = Buffer.from('sfkimgs1');
const PREAMBLE = MAGIC.length + 4;
const CHECKSUM = 4;
// Node reads and writes at most 2 GiB at once.
const CHUNK = 1 << 26;

/** Contents of a cache file. */
export interface CachedImages {
  readonly pixels: Uint8Array;
  readonly status: Uint8Array;
  readonly broken: readonly BrokenImage[];
}

/**
 * Hash of everything that determines the pixels: options, decoder versions, and name, size and modification time of
 * each file.
 */
export async function imageCacheKey(
  files: readonly (string | undefined)[],
  format: ImageFormat,
  concurrency: number,
): Promise<string> {
  const fingerprints = new Array<string>(files.length);
  await forEachParallel(files.length, concurrency, async (i) => {
    fingerprints[i] = await fileFingerprint(files[i]);
  });
  const subject = JSON.stringify([formatFingerprint(format), files, fingerprints]);
  return createHash('sha256').update(subject).digest('hex');
}

/** Everything beside a file that determines its pixels: options and decoder versions. */
export function formatFingerprint(format: ImageFormat): string {
  const { size, fit, plan, maxPixels, maxBytes, maxSvgBytes, maxSvgSeconds } = format;
  const sharp = sharpVersions();
  const decoder = [sharp?.sharp, sharp?.vips, JPEG_DECODER_VERSION, plan === undefined ? 0 : RESAMPLE_VERSION];
  const limits = [maxPixels, maxBytes, maxSvgBytes, maxSvgSeconds];
  return JSON.stringify([size.width, size.height, plan ?? fit, limits, decoder]);
}

/**
 * @param count number of images, of `imageBytes` bytes each
 * @returns undefined if the file is missing, has another key or is damaged.
 * @throws Error if the file exists but cannot be read.
 */
export async function readImageCache(
  file: string,
  key: string,
  count: number,
  imageBytes: number,
): Promise<CachedImages | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    const preamble = Buffer.alloc(PREAMBLE);
    await readAll(handle, preamble, 0);
    const headerLength = preamble.readUInt32LE(MAGIC.length);
    const expected = PREAMBLE + headerLength + count * (1 + imageBytes) + CHECKSUM;
    if (!preamble.subarray(0, MAGIC.length).equals(MAGIC) || size !== expected) return undefined;

    const headerBytes = Buffer.alloc(headerLength);
    let checksum = await readAll(handle, headerBytes, PREAMBLE, crc32(preamble));
    const header = parseHeader(headerBytes);
    if (header?.key !== key) return undefined;
    const status = new Uint8Array(count);
    checksum = await readAll(handle, status, PREAMBLE + headerLength, checksum);
    const pixels = new Uint8Array(count * imageBytes);
    checksum = await readAll(handle, pixels, PREAMBLE + headerLength + count, checksum);
    const stored = Buffer.alloc(CHECKSUM);
    await readAll(handle, stored, size - CHECKSUM);
    return stored.readUInt32LE() === checksum ? { pixels, status, broken: header.broken } : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Error(`decodeImages: cannot read cacheFile ${quotedFile(file)}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await handle?.close();
  }
}

/** Writes a temporary file beside the target and renames it, so that a killed run leaves the old file or none. */
export async function writeImageCache(file: string, key: string, images: CachedImages): Promise<void> {
  const header = Buffer.from(JSON.stringify({ key, broken: images.broken }));
  const preamble = Buffer.alloc(PREAMBLE);
  MAGIC.copy(preamble);
  preamble.writeUInt32LE(header.length, MAGIC.length);
  const temporary = temporaryName(file);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await removeStaleFiles(file);
    const handle = await open(temporary, 'wx');
    try {
      let checksum = 0;
      for (const part of [preamble, header, images.status, images.pixels]) {
        checksum = await writeAll(handle, part, checksum);
      }
      const trailer = Buffer.alloc(CHECKSUM);
      trailer.writeUInt32LE(checksum);
      await handle.writeFile(trailer);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // The first error says more.
    throw new Error(`decodeImages: cannot write cacheFile ${quotedFile(file)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Size and modification time. The reason why a file cannot be read is part of it, so changing its permissions makes the
 * cache stale.
 */
export async function fileFingerprint(file: string | undefined): Promise<string> {
  if (file === undefined) return '';
  try {
    const { size, mtimeMs } = await stat(file);
    await access(file, constants.R_OK);
    return `${size} ${mtimeMs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Undefined without sharp, which plain JPEGs do not need. */
function sharpVersions(): Readonly<Record<'sharp' | 'vips', string>> | undefined {
  try {
    return loadSharp('decodeImages').versions;
  } catch (error) {
    if (MissingPackageError.isInstance(error)) return undefined;
    throw error;
  }
}

function parseHeader(bytes: Buffer): { readonly key: string; readonly broken: readonly BrokenImage[] } | undefined {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function readAll(handle: FileHandle, into: Uint8Array, position: number, checksum = 0): Promise<number> {
  let crc = checksum;
  for (let at = 0; at < into.length; ) {
    const length = Math.min(CHUNK, into.length - at);
    const { bytesRead } = await handle.read(into, at, length, position + at);
    if (bytesRead === 0) break;
    crc = crc32(into.subarray(at, at + bytesRead), crc);
    at += bytesRead;
  }
  return crc;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, checksum: number): Promise<number> {
  let crc = checksum;
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    await handle.writeFile(chunk);
    crc = crc32(chunk, crc);
  }
  return crc;
}
