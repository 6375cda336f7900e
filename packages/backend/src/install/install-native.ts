import { existsSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineWorks } from '../doctor.js';
import { ENGINES } from '../engine-descriptions.js';
import { installationFolder } from '../installation-folder.js';
import { KERNELS_LIBRARY } from '../tensorflow/kernels-library.js';
import { requireDriver } from '../tensorflow/nvidia-driver.js';
import { type AdoptedLibrary, adoptLibrary, findAdopted } from './adopt-library.js';
import { type BindingParts, buildBinding } from './build-binding.js';
import { buildKernels } from './build-kernels.js';
import { type Announce, chooseSource, describeSource, fetchLibrary } from './fetch-library.js';
import { findCompiler } from './find-compiler.js';
import { bindingFolder, findNativePackage, type NativePackage } from './find-package.js';
import type { InstallOptions } from './install-options.js';
import { loadBinding } from './load-binding.js';
import { npmInstall, replaceFolder } from './npm-packages.js';
import { BINDING, placeBinding, prepareBindingFolder, stagedPath } from './place-binding.js';
import { requireSupportedSystem } from './require-system.js';
import { withStaging } from './staging.js';
import { readTensorFlowFolder } from './tensorflow-folder.js';
import { trainAStep } from './train-a-step.js';
import { NODE_API_HEADERS_VERSION, OLDEST_DRIVER, TFJS_NODE_VERSION } from './versions.js';

/**
 * Installs `tensorflow` or `tensorflow-gpu`: takes libtensorflow from the requested source, builds the package's
 * binding against it, and trains one step to prove it. Everything is made in a staging folder and then renamed. If the
 * new binding does not train, the previous one is restored.
 *
 * @returns the result of the training step; `undefined` if `check` is off.
 * @throws EngineError with the reason and the command that fixes it.
 */
export async function installNative(options: InstallOptions, announce: Announce): Promise<EngineWorks | undefined> {
  const { engine, from, force, check } = options;
  requireSupportedSystem(engine);
  // Upstream's and a user's library may be built for an older CUDA than the wheel.
  const ofWheel = from === undefined || from.kind === 'pip';
  if (engine === 'tensorflow-gpu' && check) requireDriver(ofWheel ? OLDEST_DRIVER : undefined);
  if (from === undefined && !force) {
    const works = await alreadyWorks(options, announce);
    if (works !== undefined) return works;
  }
  const home = installationFolder(engine);
  return withStaging(engine, path.dirname(home), async (staging) => {
    const compiler = await findCompiler(engine);
    const library = await obtainLibrary(options, staging, announce);
    const headers = await addNodeHeaders(options, staging);
    const native = findNativePackage(engine) ?? (await addPackage(options, staging, announce));
    const folder = bindingFolder(native.folder);
    prepareBindingFolder(engine, folder);
    const made = stagedPath(folder, BINDING);
    const kernels = stagedPath(folder, KERNELS_LIBRARY);
    try {
      announce(
        `Building the binding of ${ENGINES[engine].packageName} ${native.version} in ${native.folder} with ${compiler}`,
      );
      const runPath = findRunPath(native, folder, library);
      const parts = { engine, compiler, packageFolder: native.folder, nodeHeaders: headers, library, runPath };
      await buildBinding(parts, made);
      const version = await loadBinding(engine, made).catch((error: unknown) => {
        // Otherwise the next install would use it again.
        if (library.fresh) rmSync(library.folder, { recursive: true });
        throw error;
      });
      announce(`It loads libtensorflow ${version}${check ? '; training a step' : ''}`);
      if (engine === 'tensorflow') await addKernels(parts, kernels, announce);
      return await placeBinding(engine, folder, check ? () => trainAStep(engine) : undefined);
    } finally {
      for (const file of [made, kernels]) rmSync(file, { force: true });
    }
  });
}

/** Our kernels make training faster but are optional. They compute on the CPU, so `tensorflow-gpu` has none. */
async function addKernels(parts: BindingParts, output: string, announce: Announce): Promise<void> {
  announce('Building the kernels of @sifaka/backend for this processor');
  const trouble = await buildKernels(parts, output);
  if (trouble !== undefined)
    announce(`The kernels do not build with this libtensorflow, so training is slower: ${trouble}`);
}

/**
 * Trains a step on the installed engine, if there is one. A failure is announced, not thrown, and the engine is built
 * again.
 */
async function alreadyWorks({ engine }: InstallOptions, announce: Announce): Promise<EngineWorks | undefined> {
  const native = findNativePackage(engine);
  if (native === undefined) return undefined;
  const files = [BINDING, ...(engine === 'tensorflow' ? [KERNELS_LIBRARY] : [])];
  if (!files.every((name) => existsSync(path.join(bindingFolder(native.folder), name)))) return undefined;
  const health = await trainAStep(engine).catch((error: Error) => ({ works: false, reason: error.message }) as const);
  if (health.works) announce(`Already installed: ${native.folder} (--force builds it again)`);
  else announce(`Installed but broken, building it again: ${health.reason}`);
  return health.works ? health : undefined;
}

async function obtainLibrary(options: InstallOptions, staging: string, announce: Announce): Promise<AdoptedLibrary> {
  const { engine, force } = options;
  const engineHome = installationFolder(engine);
  const source = await chooseSource(options, announce);
  const origin = describeSource(engine, source);
  // A user's folder may have changed, and is quick to copy. A download is not repeated.
  const adopted = source.kind === 'folder' || force ? undefined : findAdopted(engineHome, origin);
  if (adopted !== undefined) {
    announce(`libtensorflow is already installed: ${adopted.folder}`);
    return adopted;
  }
  const folder = await fetchLibrary(options, source, staging, announce);
  return adoptLibrary(readTensorFlowFolder(engine, folder), { engineHome, staging, origin });
}

/** Node's C headers, from npm. node-gyp would fetch them from another host. */
async function addNodeHeaders({ engine }: InstallOptions, staging: string): Promise<string> {
  const folder = path.join(installationFolder(engine), `node-api-headers-${NODE_API_HEADERS_VERSION}`);
  if (!existsSync(folder)) {
    const modules = await npmInstall(engine, path.join(staging, 'headers'), [
      `node-api-headers@${NODE_API_HEADERS_VERSION}`,
    ]);
    replaceFolder(path.join(modules, 'node-api-headers'), folder, staging);
  }
  return path.join(folder, 'include');
}

async function addPackage({ engine }: InstallOptions, staging: string, announce: Announce): Promise<NativePackage> {
  const { packageName } = ENGINES[engine];
  announce(`Installing ${packageName} ${TFJS_NODE_VERSION} from npm`);
  const modules = await npmInstall(engine, path.join(staging, 'package'), [`${packageName}@${TFJS_NODE_VERSION}`]);
  replaceFolder(modules, path.join(installationFolder(engine), 'node_modules'), staging);
  return findNativePackage(engine)!;
}

/**
 * The engine's own folder can be moved as a whole, so its binding has a relative path. A project's binding has an
 * absolute one.
 */
function findRunPath(native: NativePackage, folder: string, library: AdoptedLibrary): string {
  const lib = path.join(library.folder, 'lib');
  return native.own ? `$ORIGIN/${path.relative(folder, realpathSync(lib))}` : lib;
}
