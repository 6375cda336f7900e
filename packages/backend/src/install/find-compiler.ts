import { EngineError } from '../engine-error.js';
import type { InstallableEngine } from './install-options.js';
import { runCommand } from './run-command.js';
import { systemCommand } from './system-command.js';

/**
 * The C++ compiler: `$CXX`, or the first of `c++`, `g++` and `clang++` on the path.
 *
 * @throws {@link EngineError} if there is none.
 */
export async function findCompiler(engine: InstallableEngine): Promise<string> {
  const named = process.env['CXX'];
  const candidates = named ? [named] : ['c++', 'g++', 'clang++'];
  for (const compiler of candidates) {
    const { code } = await runCommand(compiler, ['--version']);
    if (code === 0) return compiler;
  }
  throw new EngineError(
    engine,
    `there is no C++ compiler (looked for ${candidates.join(', ')})`,
    systemCommand('compiler'),
  );
}
