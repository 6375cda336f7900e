import { access, constants, mkdir } from 'node:fs/promises';
import { UsageError } from '../errors/usage-error.js';
import { assertUnlocked } from './folder-lock.js';

/**
 * Makes the output folder and checks that it can be written to and that no other run is writing to it: before hours of
 * training, not after them.
 *
 * @throws {@link UsageError} if one of them fails.
 */
export async function makeOutputFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`--output: expected a folder to write to, got ${message}`, { cause: error });
  }
  await assertUnlocked(folder);
}
