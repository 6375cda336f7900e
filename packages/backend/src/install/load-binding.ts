import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';

// Runs in its own process: a library for another processor ends the process that loads it.
const PROGRAM = `
const addon = { exports: {} };
process.dlopen(addon, process.argv[1], require('node:os').constants.dlopen.RTLD_NOW);
console.log('TF_Version ' + addon.exports.TF_Version);`;

/**
 * Loads a binding and with it libtensorflow, and resolves all symbols.
 *
 * @returns libtensorflow's version.
 * @throws {@link EngineError} that names what is missing.
 */
export async function loadBinding(engine: InstallableEngine, binding: string): Promise<string> {
  const { stdout, output, signal } = await runCommand(process.execPath, ['-e', PROGRAM, binding], {
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const version = /^TF_Version (\S+)$/m.exec(stdout)?.[1];
  if (version !== undefined) return version;
  throw new EngineError(engine, explainBinding(output, signal), `${INSTALL_COMMAND} ${engine} --from pip --force`);
}

/** Explains in one line why a binding does not load. */
export function explainBinding(output: string, signal: string | null): string {
  if (signal === 'SIGILL') return 'this processor lacks instructions that libtensorflow was built for (AVX)';
  if (signal !== null) return `loading libtensorflow ended the process (${signal})`;
  const symbol = /undefined symbol: (\w+)/.exec(output)?.[1] ?? /Symbol not found: _?(\w+)/.exec(output)?.[1];
  if (symbol !== undefined) return `libtensorflow lacks the function ${symbol}, which the binding calls`;
  const version = /version [`'](\w+_[\d.]+)' not found/.exec(output)?.[1];
  if (version !== undefined) return `libtensorflow needs a newer system: ${version} is missing`;
  return `libtensorflow does not load: ${tellingLine(output)}`;
}
