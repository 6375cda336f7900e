import { access, constants, mkdir } from 'node:fs/promises';
import { UsageError } from '../errors/usage-error.js';

/**
 * Makes the output folder and checks that it can be written to: before hours of training, not after them.
 *
 * @throws {@link UsageError} if it cannot.
 */
export async function makeOutputFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`--output: expected a folder to write to, got ${message}`, { cause: error });
  }
}
