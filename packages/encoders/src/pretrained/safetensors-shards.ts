import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import {
  readSafetensorsLayout,
  type SafetensorsLimits,
  type SafetensorsPlace,
  safetensorsHeaderEnd,
  type WidenedDtype,
  widenToFloat32,
} from '@sifaka/nn';
import { quotedFile } from '../quoted-file.js';
import { PretrainedError } from './pretrained-error.js';
import type { PretrainedWeights } from './pretrained-files.js';
import { INDEX } from './weight-files.js';

// Node reads at most 2 GiB at once.
const CHUNK = 1 << 26;

/** A shard as it was when its header was read. */
interface Shard {
  readonly source: string;
  readonly file: string;
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
  readonly tensors: ReadonlyMap<string, SafetensorsPlace>;
}

/**
 * Reads the headers of all shards and checks them against each other. Data is read later, one tensor at a time.
 *
 * @param shards plain file names in `folder`.
 * @param index the shard of each tensor, if there is an index.
 * @throws {@link PretrainedError} for a missing or damaged shard, a tensor in two shards, and an index that disagrees.
 */
export async function openShards(
  source: string,
  folder: string,
  shards: readonly string[],
  index: ReadonlyMap<string, string> | undefined,
  limits: SafetensorsLimits,
): Promise<PretrainedWeights> {
  const opened: Shard[] = [];
  for (const file of shards) opened.push(await openShard(source, folder, file, limits));
  const homes = new Map<string, Shard>();
  for (const shard of opened) {
    for (const name of shard.tensors.keys()) {
      const other = homes.get(name);
      if (other !== undefined) {
        const problem = `expected each tensor in one shard, got ${quotedFile(name)} in ${other.file} too`;
        throw new PretrainedError('format', { source, file: shard.file }, problem);
      }
      homes.set(name, shard);
    }
  }
  if (index !== undefined) assertAgrees(source, homes, index);
  return new Shards(source, homes);
}

function assertAgrees(source: string, homes: ReadonlyMap<string, Shard>, index: ReadonlyMap<string, string>): void {
  for (const [name, file] of index) {
    if (homes.get(name)?.file === file) continue;
    const got = homes.get(name)?.file ?? 'no such tensor';
    const problem = `expected ${quotedFile(name)}, which ${INDEX} names, got ${got}`;
    throw new PretrainedError('format', { source, file }, problem);
  }
  for (const [name, { file }] of homes) {
    if (index.has(name)) continue;
    const problem = `expected the tensors that ${INDEX} names, got ${quotedFile(name)} too`;
    throw new PretrainedError('format', { source, file }, problem);
  }
}

async function openShard(source: string, folder: string, file: string, limits: SafetensorsLimits): Promise<Shard> {
  const at = path.join(folder, file);
  return reading(source, file, at, async (handle) => {
    const { size, mtimeMs } = await handle.stat();
    try {
      const start = await readBytes(handle, 0, Math.min(8, size));
      const end = safetensorsHeaderEnd(start, size, limits);
      const header = await readBytes(handle, 0, end);
      const { tensors } = readSafetensorsLayout(header, size, limits);
      return { source, file, path: at, bytes: size, modified: mtimeMs, tensors };
    } catch (cause) {
      if (isSystemError(cause)) throw cause;
      const problem = `the file is damaged: ${(cause as Error).message.replace(/^\w+: /, '')}`;
      throw new PretrainedError('format', { source, file }, problem, { cause });
    }
  });
}

class Shards implements PretrainedWeights {
  readonly entries: ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: string }>;
  readonly #source: string;
  readonly #homes: ReadonlyMap<string, Shard>;

  constructor(source: string, homes: ReadonlyMap<string, Shard>) {
    this.#source = source;
    this.#homes = homes;
    this.entries = new Map(
      [...homes].map(([name, { tensors }]) => {
        const { shape, dtype } = tensors.get(name)!;
        return [name, { shape, dtype }];
      }),
    );
  }

  async read(name: string): Promise<Float32Array> {
    const shard = this.#homes.get(name);
    const source = this.#source;
    if (shard === undefined) throw new PretrainedError('missing', { source }, `there is no tensor ${quotedFile(name)}`);
    const { file, bytes, modified } = shard;
    const { dtype, start, end } = shard.tensors.get(name)!;
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
      const problem = `${quotedFile(name)}: expected F32, F16 or BF16, got ${dtype}`;
      throw new PretrainedError('format', { source, file }, problem);
    }
    return reading(source, file, shard.path, async (handle) => {
      const { size, mtimeMs } = await handle.stat();
      if (size !== bytes || mtimeMs !== modified) {
        throw new PretrainedError('disk', { source, file }, 'the file has changed since it was opened. Open it again');
      }
      return widenToFloat32(dtype satisfies WidenedDtype, await readBytes(handle, start, end));
    });
  }
}

async function reading<Result>(
  source: string,
  file: string,
  at: string,
  work: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(at, 'r');
    return await work(handle);
  } catch (error) {
    if (PretrainedError.isInstance(error)) throw error;
    if (isSystemError(error) && error.code === 'ENOENT')
      throw new PretrainedError('missing', { source, file }, 'there is no such file');
    throw new PretrainedError('disk', { source, file }, `cannot read it: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await handle?.close();
  }
}

async function readBytes(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(CHUNK, bytes.length - at), start + at);
    if (bytesRead === 0) throw new Error(`expected ${bytes.length} bytes from byte ${start}, got ${at}`);
    at += bytesRead;
  }
  return bytes;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
