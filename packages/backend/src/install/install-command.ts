import type { EngineWorks } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import { PROCESS_TERMINAL, type Terminal } from '../terminal.js';
import { installNative } from './install-native.js';
import { INSTALL_USAGE, type InstallableEngine, parseInstallOptions } from './install-options.js';
import { installWebgpu } from './install-webgpu.js';

const INSTALLERS: Readonly<Record<InstallableEngine, typeof installNative>> = {
  tensorflow: installNative,
  'tensorflow-gpu': installNative,
  webgpu: installWebgpu,
};

/**
 * `sifaka-backend install ...`: installs an engine and prints what it did.
 *
 * @param args the words after `install`.
 * @returns the exit code.
 */
export async function installCommand(
  args: readonly string[],
  { print, printError }: Terminal = PROCESS_TERMINAL,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    print(INSTALL_USAGE);
    return 0;
  }
  try {
    const options = parseInstallOptions(args);
    const works = await INSTALLERS[options.engine](options, print);
    print(works === undefined ? `${options.engine} is installed; no step was trained.` : describe(works));
    return 0;
  } catch (error) {
    if (!EngineError.isInstance(error)) throw error;
    printError(error.message);
    return 1;
  }
}

function describe({ name, version, nativeVersion, threads, device, loss, stepMs }: EngineWorks): string {
  const native = nativeVersion === undefined ? version : `${version} on ${nativeVersion}`;
  const computes = threads === 0 ? device : `${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const step = `loss ${loss.before.toFixed(3)} -> ${loss.after.toFixed(3)}, ${stepMs.toFixed(0)} ms`;
  return `${name} works: ${native} (${computes}); one training step, ${step}.`;
}
