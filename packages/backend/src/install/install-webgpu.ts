import path from 'node:path';
import type { EngineWorks } from '../doctor.js';
import { EngineError } from '../engine-error.js';
import { installationFolder } from '../installation-folder.js';
import type { Announce } from './fetch-library.js';
import type { InstallOptions } from './install-options.js';
import { npmInstall, replaceFolder } from './npm-packages.js';
import { withStaging } from './staging.js';
import { trainAStep } from './train-a-step.js';
import { WEBGPU_PACKAGES } from './versions.js';

/**
 * Installs Dawn and the webgpu engine from npm into the engine's own folder.
 *
 * @returns the result of a training step; `undefined` if `check` is off.
 * @throws EngineError with the reason and the command that fixes it.
 */
export async function installWebgpu(
  { engine, force, check }: InstallOptions,
  announce: Announce,
): Promise<EngineWorks | undefined> {
  if (!force) {
    const health = await trainAStep(engine);
    if (health.works) {
      announce('Already installed (--force installs it again)');
      return health;
    }
  }
  const home = installationFolder(engine);
  await withStaging(engine, path.dirname(home), async (staging) => {
    announce(`Installing ${WEBGPU_PACKAGES.join(' and ')} from npm`);
    const modules = await npmInstall(engine, path.join(staging, 'package'), WEBGPU_PACKAGES);
    replaceFolder(modules, path.join(home, 'node_modules'), staging);
  });
  if (!check) return undefined;
  const health = await trainAStep(engine);
  if (!health.works) throw new EngineError(engine, health.reason, health.command);
  return health;
}
