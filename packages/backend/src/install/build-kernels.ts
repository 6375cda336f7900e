import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BindingParts, linkArguments } from './build-binding.js';
import { runCommand, tellingLine } from './run-command.js';

const SOURCE = fileURLToPath(new URL('../../native', import.meta.url));

/**
 * Compiles our kernels for libtensorflow (`native/*.cc`), for the processor of this machine.
 *
 * @returns undefined, or one line that says why the build failed: an old libtensorflow lacks the C API for kernels.
 *   Training works without our kernels, but more slowly.
 */
export async function buildKernels(parts: BindingParts, output: string): Promise<string | undefined> {
  const { compiler, nodeHeaders, library } = parts;
  const { code, output: log } = await runCommand(compiler, [
    '-std=c++17',
    '-O3',
    ...(process.arch === 'x64' ? ['-march=native'] : []),
    // Vectorises the loops that are marked for it. No OpenMP library is needed.
    '-fopenmp-simd',
    '-ffp-contract=fast',
    '-fno-math-errno',
    '-fno-trapping-math',
    '-fPIC',
    '-pthread',
    '-DNAPI_VERSION=8',
    ...['-I', nodeHeaders, '-I', path.join(library.folder, 'include')],
    ...readdirSync(SOURCE)
      .filter((name) => name.endsWith('.cc'))
      .map((name) => path.join(SOURCE, name)),
    ...['-o', output],
    ...linkArguments(parts),
  ]);
  if (code === 0) return undefined;
  return /fatal error: .*/.exec(log)?.[0] ?? tellingLine(log);
}
