import { readdirSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import type { AdoptedLibrary } from './adopt-library.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';

/** What a binding is made of. All paths are absolute. */
export interface BindingParts {
  readonly engine: InstallableEngine;
  readonly compiler: string;
  /** The package `@tensorflow/tfjs-node` or `-gpu`, with its C++ source in `binding/`. */
  readonly packageFolder: string;
  /** Node's C headers. */
  readonly nodeHeaders: string;
  readonly library: AdoptedLibrary;
  /** Where the loader shall look for those libraries: a path, or one that begins with `$ORIGIN`. */
  readonly runPath: string;
}

// As in the package's binding.gyp, which speaks of one Node-API version per build: 8 is in every Node since 15.12.
const NAPI_VERSION = 8;

/**
 * Compiles and links tfjs-node's binding in one call of the compiler, which takes some 10 seconds and needs neither node-gyp nor Python.
 *
 * @throws {@link EngineError} with the compiler's first error.
 */
export async function buildBinding(parts: BindingParts, output: string): Promise<void> {
  const { engine, compiler, packageFolder, nodeHeaders, library } = parts;
  const source = path.join(packageFolder, 'binding');
  const files = readdirSync(source).filter((name) => name.endsWith('.cc'));
  const { code, output: said } = await runCommand(compiler, [
    '-std=c++17',
    '-O2',
    '-fPIC',
    `-DNAPI_VERSION=${NAPI_VERSION}`,
    ...['-I', nodeHeaders, '-I', path.join(library.folder, 'include')],
    ...files.map((name) => path.join(source, name)),
    ...['-o', output],
    ...linkArguments(parts),
  ]);
  if (code === 0) return;
  const missing = /fatal error: '?([^':\s]+)'?:? (?:No such file|file not found)/.exec(said)?.[1];
  const reason =
    missing === undefined
      ? `${compiler} could not build the binding: ${tellingLine(said)}`
      : `the headers of libtensorflow lack ${missing}, which the binding needs`;
  throw new EngineError(engine, reason, `${INSTALL_COMMAND} ${engine} --from pip --force`);
}

/** What makes a shared library that finds libtensorflow at run time. */
export function linkArguments({ library, runPath }: BindingParts): string[] {
  const files = library.libraries.map((name) => path.join(library.folder, 'lib', name));
  if (process.platform === 'darwin') {
    const origin = runPath.replace('$ORIGIN', '@loader_path');
    return ['-bundle', '-undefined', 'dynamic_lookup', ...files, `-Wl,-rpath,${origin}`];
  }
  // Old tags: a RUNPATH would yield to LD_LIBRARY_PATH, and not reach what libtensorflow itself asks for.
  return ['-shared', ...files, `-Wl,-rpath,${runPath}`, '-Wl,--disable-new-dtags'];
}
