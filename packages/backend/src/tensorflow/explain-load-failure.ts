import { ENGINES } from '../engines.js';
import type { TensorFlowEngine } from './load-package.js';

/** One line for a native package that is there and does not load, from the first line of its error, and what to do about it. */
export function explainLoadFailure(engine: TensorFlowEngine, line: string): { reason: string; command: string } {
  const { packageName, command } = ENGINES[engine];
  // tfjs-node fetches its addon in an install script, which pnpm and recent npm do not run unless they are told to.
  if (/native addon|tfjs_binding\.node' ?$|Cannot find module .*tfjs_binding/.test(line)) {
    return { reason: `${packageName} is installed, but its native addon is not built`, command };
  }
  // The loader names the file that it misses: libtensorflow was deleted or moved.
  const library =
    /^(\S+): cannot open shared object file/.exec(line)?.[1] ?? /Library not loaded: (\S+)/.exec(line)?.[1];
  if (library !== undefined) {
    return { reason: `${packageName} is built, but ${library} is not where it was`, command: `${command} --force` };
  }
  return { reason: line, command: `${command} --force` };
}
