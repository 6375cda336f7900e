import { readFile } from 'node:fs/promises';
import { CheckpointError } from './checkpoint-error.js';

/** Reads a file of a checkpoint. @throws {@link CheckpointError} if there is none, or with the system's reason. */
export async function readCheckpointFile(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CheckpointError(file, 'expected the file, found none');
    throw new CheckpointError(file, `expected to read the file, got ${error.message}`, { cause: error });
  });
}
