import { EngineError } from '../engine-error.js';
import { inNode } from '../in-node.js';

/** More threads than this gain nothing at the sizes that training has. */
const MOST_THREADS = 8;

/**
 * How many threads shall compute: the environment variable `SIFAKA_THREADS`, else as many as the process may use, up to 8.
 *
 * @throws {@link EngineError} if the variable is no whole number from 1.
 */
export function threadCount(): number {
  const given = globalThis.process?.env?.['SIFAKA_THREADS'];
  if (given) {
    const count = Number(given);
    if (!Number.isInteger(count) || count < 1) {
      throw new EngineError('wasm', `expected SIFAKA_THREADS to be a whole number from 1, got ${given}`);
    }
    return count;
  }
  if (!inNode()) return 1;
  return Math.min(MOST_THREADS, process.getBuiltinModule('node:os').availableParallelism());
}
