import { readdirSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import type { AdoptedLibrary } from './adopt-library.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';

/** The parts that a binding is built from. All paths are absolute. */
export interface BindingParts {
  readonly engine: InstallableEngine;
  readonly compiler: string;
  /** The package `@tensorflow/tfjs-node` or `-gpu`, with its C++ source in `binding/`. */
  readonly packageFolder: string;
  /** Node's C headers. */
  readonly nodeHeaders: string;
  readonly library: AdoptedLibrary;
  /** Where the loader finds those libraries: an absolute path, or one that begins with `$ORIGIN`. */
  readonly runPath: string;
}

// The package's binding.gyp builds for one Node-API version at a time. Every Node since 15.12 has version 8.
const NAPI_VERSION = 8;

/**
 * Compiles and links tfjs-node's binding in one call of the compiler. That takes about 10 seconds and needs neither
 * node-gyp nor Python.
 *
 * @throws {@link EngineError} with the compiler's first error.
 */
export async function buildBinding(parts: BindingParts, output: string): Promise<void> {
  const { engine, compiler, packageFolder, nodeHeaders, library } = parts;
  const source = path.join(packageFolder, 'binding');
  const files = readdirSync(source).filter((name) => name.endsWith('.cc'));
  const { code, output: log } = await runCommand(compiler, [
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
  const missing = /fatal error: '?([^':\s]+)'?:? (?:No such file|file not found)/.exec(log)?.[1];
  const reason =
    missing === undefined
      ? `${compiler} could not build the binding: ${tellingLine(log)}`
      : `the headers of libtensorflow lack ${missing}, which the binding needs`;
  throw new EngineError(engine, reason, `${INSTALL_COMMAND} ${engine} --from pip --force`);
}

/** The linker's arguments for a shared library that finds libtensorflow at run time. */
export function linkArguments({ library, runPath }: BindingParts): string[] {
  const files = library.libraries.map((name) => path.join(library.folder, 'lib', name));
  if (process.platform === 'darwin') {
    const origin = runPath.replace('$ORIGIN', '@loader_path');
    return ['-bundle', '-undefined', 'dynamic_lookup', ...files, `-Wl,-rpath,${origin}`];
  }
  // Old tags give an RPATH. A RUNPATH would yield to LD_LIBRARY_PATH and not apply to libtensorflow's own dependencies.
  return ['-shared', ...files, `-Wl,-rpath,${runPath}`, '-Wl,--disable-new-dtags'];
}
