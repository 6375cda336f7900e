import { EngineError } from '../engine-error.js';
import { inNode } from '../in-node.js';

/** More threads than this gain nothing at the sizes of training. */
const MAX_THREADS = 8;

/**
 * Number of threads that compute: the environment variable `SIFAKA_THREADS`, or by default as many as the process may
 * use, up to 8. Always 1 in a browser.
 *
 * @throws {@link EngineError} if the variable is not a whole number from 1.
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
  return Math.min(MAX_THREADS, process.getBuiltinModule('node:os').availableParallelism());
}
