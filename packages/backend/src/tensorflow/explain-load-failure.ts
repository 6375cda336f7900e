import { ENGINES } from '../engine-descriptions.js';
import type { TensorFlowEngine } from './load-package.js';

/** Explains in one line why an installed native package does not load. @param line the first line of its error. */
export function explainLoadFailure(engine: TensorFlowEngine, line: string): { reason: string; command: string } {
  const { packageName, command } = ENGINES[engine];
  // tfjs-node fetches its addon in an install script, which pnpm and recent npm run only if the user allows it.
  if (/native addon|tfjs_binding\.node' ?$|Cannot find module .*tfjs_binding/.test(line)) {
    return { reason: `${packageName} is installed, but its native addon is not built`, command };
  }
  // The loader names the missing file: libtensorflow was deleted or moved.
  const library =
    /^(\S+): cannot open shared object file/.exec(line)?.[1] ?? /Library not loaded: (\S+)/.exec(line)?.[1];
  if (library !== undefined) {
    return { reason: `${packageName} is built, but ${library} was moved or deleted`, command: `${command} --force` };
  }
  return { reason: line, command: `${command} --force` };
}
