import { mkdir } from 'node:fs/promises';
import { deriveSeed, seededRandom } from '@sifaka/nn';
import { mutation } from './mutation.js';
import { readers } from './readers.js';

/** Reads the mutated inputs `first` to `count` − 1. Prints two lines for each: its number, then the outcome. */
export async function run([folder = '', seed = '', first = '', count = '']: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const all = await readers(folder);
  for (const { name, original, read, expects } of all) {
    await Promise.resolve(read(original)).catch((error: unknown) => {
      throw new Error(`${name}: expected the original to be read, got ${error}`);
    });
    if (expects(new TypeError('x is not a function'))) throw new Error(`${name}: expected a TypeError to be a failure`);
  }
  for (let i = Number(first); i < Number(count); i++) {
    const { name, original, read, expects } = all[i % all.length]!;
    const bytes = mutation(original, seededRandom(deriveSeed(Number(seed), 'mutate', i)));
    console.log(`try input ${i}, ${name}`);
    try {
      await read(bytes);
      console.log('ok: read');
    } catch (error) {
      console.log(expects(error) ? 'ok: refused' : `wrong: ${(error as Error).stack?.replaceAll(/\s*\n\s*/g, ' | ')}`);
    }
  }
  console.log('finished');
}
