import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { lockDownload } from './download-lock.js';
import { HubFailure } from './hub-failure.js';
import type { HubSettings } from './hub-settings.js';
import { request } from './request.js';
import { hubError, retrying } from './retrying.js';

/** A file as the hub lists it. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Hash of the content: SHA-256 (64 digits) of large files, git's SHA-1 of others (40 digits). */
  readonly hash: string;
}

/**
 * Downloads a file's content to `blob` unless it is there. It arrives in a file beside it, which is renamed when its
 * size and hash are right: a killed process leaves no blob, and the next call goes on where it ended.
 *
 * @throws PretrainedError naming the file, or the reason of the settings' signal.
 */
export async function downloadBlob(settings: HubSettings, url: string, file: HubFile, blob: string): Promise<void> {
  const isDone = async (): Promise<boolean> => (await sizeOf(blob)) === file.size;
  const report = (received: number): void => {
    settings.onProgress({ file: file.path, received, size: file.size });
  };
  if (!(await isDone())) {
    await mkdir(path.dirname(blob), { recursive: true });
    // Python's library has names of its own for both, and appends to its file.
    const release = await lockDownload(`${blob}.sifaka-lock`, isDone, settings.signal);
    if (release !== undefined) {
      try {
        await downloadLocked(settings, url, file, blob, report);
      } finally {
        await release();
      }
      return;
    }
  }
  report(file.size);
}

async function downloadLocked(
  settings: HubSettings,
  url: string,
  file: HubFile,
  blob: string,
  report: (received: number) => void,
): Promise<void> {
  const partial = `${blob}.sifaka-incomplete`;
  // Bytes from an earlier call may be wrong, for example after a power cut. Those of this call are the hub's.
  const mayBeStale = (await sizeOf(partial)) !== undefined;
  for (let isFresh = !mayBeStale; ; isFresh = true) {
    const handle = await open(partial, constants.O_RDWR | constants.O_CREAT, 0o666);
    try {
      const part = new PartialFile(handle, file, report);
      await part.start();
      await retrying(
        settings,
        file.path,
        () => part.fetchRest(settings, url),
        () => part.received,
      );
      await handle.sync();
    } finally {
      await handle.close();
    }
    if ((await hashOf(partial, file)) === file.hash) break;
    await rm(partial, { force: true });
    if (isFresh) {
      const wanted = `content of ${file.hash.length === 64 ? 'SHA-256' : 'git hash'} ${file.hash}`;
      const problem = `expected ${wanted}, got other content of the same length. Try again, or a mirror`;
      throw hubError(settings, file.path, new HubFailure(problem));
    }
  }
  await rename(partial, blob).catch(async (error: unknown) => {
    // Another process that held the lock too was faster. Its file has the same content.
    if ((await sizeOf(blob)) !== file.size) throw error;
  });
}

/** A file that is on its way. Bytes are written at their own places, so it never matters who else writes there. */
class PartialFile {
  received = 0;
  readonly #handle: FileHandle;
  readonly #file: HubFile;
  readonly #report: (received: number) => void;

  constructor(handle: FileHandle, file: HubFile, report: (received: number) => void) {
    this.#handle = handle;
    this.#file = file;
    this.#report = report;
  }

  /** Goes on after the bytes that are there. */
  async start(): Promise<void> {
    const { size } = await this.#handle.stat();
    this.received = size;
    if (size > this.#file.size) await this.#restart();
    this.#report(this.received);
  }

  async #restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.received = 0;
  }

  /** @throws {@link HubFailure}; what has arrived is kept. */
  async fetchRest(settings: HubSettings, url: string): Promise<void> {
    const { size } = this.#file;
    if (this.received === size) return;
    const headers = {
      'Accept-Encoding': 'identity',
      ...(this.received > 0 && { Range: `bytes=${this.received}-` }),
    };
    const { response, pieces, end } = await request(settings, url, headers);
    try {
      await this.#assertFits(response);
      for await (const piece of pieces) {
        if (this.received + piece.length > size) throw wrongLength(size, 'more');
        await writeAll(this.#handle, piece, this.received);
        this.received += piece.length;
        this.#report(this.received);
      }
    } finally {
      end();
    }
    if (this.received < size) {
      throw new HubFailure(`the connection was cut after ${this.received} of ${size} bytes`, { mayPass: true });
    }
  }

  /** The lengths in the head of the answer are those that the hub listed. */
  async #assertFits({ status, headers }: Response): Promise<void> {
    const { size } = this.#file;
    if (status === 206) {
      const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '') ?? [];
      if (Number(from) !== this.received) {
        throw new HubFailure(`expected bytes from ${this.received}, got ${headers.get('Content-Range')}`);
      }
      if (total !== '*' && Number(total) !== size) throw wrongLength(size, total!);
    } else if (this.received > 0) {
      await this.#restart(); // A server without ranges sends the whole file again.
    }
    const length = headers.get('Content-Length');
    const isPlain = headers.get('Content-Encoding') === null;
    if (isPlain && length !== null && Number(length) !== size - this.received) {
      throw wrongLength(size, String(this.received + Number(length)));
    }
  }
}

function wrongLength(size: number, got: string): HubFailure {
  return new HubFailure(`expected ${size} bytes, as the hub lists, got ${got}. Try again, or a mirror (HF_ENDPOINT)`);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

async function hashOf(at: string, { size, hash }: HubFile): Promise<string> {
  const digest = hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  for await (const piece of createReadStream(at, { highWaterMark: 1 << 20 })) digest.update(piece as Buffer);
  return digest.digest('hex');
}

/** @returns undefined if there is no such file. */
export async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
