import { ENGINES } from '../engine-descriptions.js';
import { EngineError } from '../engine-error.js';
import type { InstallableEngine } from './install-options.js';

/** @throws {@link EngineError} on systems for which there is no libtensorflow to build against. */
export function requireSupportedSystem(engine: InstallableEngine): void {
  if (process.platform === 'win32') {
    const reason = 'this command does not build on Windows; use WSL 2, or install the package with its own installer';
    throw new EngineError(engine, reason, `npm install ${ENGINES[engine].packageName}`);
  }
  if (process.platform === 'linux' && !usesGlibc()) {
    const reason = 'libtensorflow needs glibc, and this system (Alpine?) has another C library';
    throw new EngineError(engine, reason, 'use a Debian image, such as node:22-slim with python3-pip and g++');
  }
  if (process.platform === 'darwin' && engine === 'tensorflow-gpu') {
    throw new EngineError(engine, 'CUDA does not exist on macOS', 'npx @sifaka/backend install webgpu');
  }
}

function usesGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime !== undefined;
}
