import { writeWhole as write } from '@sifaka/encoders/node';

/**
 * Writes a file whole or not at all.
 *
 * @throws Error naming the file if it cannot be written. An earlier file stays as it was.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await write(file, content);
  } catch (error) {
    throw new Error(`Cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}
