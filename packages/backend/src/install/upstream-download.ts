import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand } from './run-command.js';

/**
 * Lets `@tensorflow/tfjs-node`'s own install script download its libtensorflow. The script knows the address for each
 * platform, and the settings that redirect it (`TFJS_NODE_BASE_URI`, `TFJS_NODE_CDN_STORAGE`, `HTTPS_PROXY`).
 *
 * @param packageFolder a writable copy of the package.
 * @returns the folder with `include` and `lib`.
 * @throws {@link EngineError} that quotes the script.
 */
export async function downloadUpstream(engine: InstallableEngine, packageFolder: string): Promise<string> {
  const kind = engine === 'tensorflow-gpu' ? 'gpu' : 'cpu';
  const deps = path.join(packageFolder, 'deps');
  rmSync(deps, { recursive: true, force: true });
  // After the download, the script builds the binding in its own way, and may fail. Only the download matters here.
  const { output } = await runCommand(process.execPath, ['scripts/install.js', kind, 'download'], {
    cwd: packageFolder,
  });
  if (!existsSync(path.join(deps, 'lib'))) {
    throw new EngineError(
      engine,
      `upstream's download failed: ${downloadReason(output)}`,
      `${INSTALL_COMMAND} ${engine} --from pip`,
    );
  }
  return deps;
}

/** The error that ended the script, a Node program that does not catch its errors. */
export function downloadReason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(\w*Error|Error): /.test(line)) ?? 'nothing was unpacked';
}
