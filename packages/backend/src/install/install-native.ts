import { existsSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineWorks } from '../doctor.js';
import { engineFolder } from '../engine-folder.js';
import { ENGINES } from '../engines.js';
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
import { asideIn, BINDING, placeBinding, prepareBindingFolder } from './place-binding.js';
import { requireSupportedSystem } from './require-system.js';
import { withStaging } from './staging.js';
import { readTensorFlowFolder } from './tensorflow-folder.js';
import { trainAStep } from './train-a-step.js';
import { NODE_API_HEADERS_VERSION, OLDEST_DRIVER, TFJS_NODE_VERSION } from './versions.js';

/**
 * Makes `tensorflow` or `tensorflow-gpu` work: libtensorflow from the source that is asked for, the package's binding built against it,
 * one training step to prove it. Everything is made aside and renamed to its place; a binding that does not train gives way to the one
 * that was there before.
 *
 * @returns the training step that proved it, `undefined` with `check` off.
 * @throws EngineError with the reason and the command that mends it.
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
  const home = engineFolder(engine);
  return withStaging(engine, path.dirname(home), async (staging) => {
    const compiler = await findCompiler(engine);
    const library = await obtainLibrary(options, staging, announce);
    const headers = await addNodeHeaders(options, staging);
    const native = findNativePackage(engine) ?? (await addPackage(options, staging, announce));
    const folder = bindingFolder(native.folder);
    prepareBindingFolder(engine, folder);
    const made = asideIn(folder, BINDING);
    const kernels = asideIn(folder, KERNELS_LIBRARY);
    try {
      announce(
        `Building the binding of ${ENGINES[engine].packageName} ${native.version} in ${native.folder} by ${compiler}`,
      );
      const runPath = findRunPath(native, folder, library);
      const parts = { engine, compiler, packageFolder: native.folder, nodeHeaders: headers, library, runPath };
      await buildBinding(parts, made);
      const version = await loadBinding(engine, made).catch((error: unknown) => {
        if (library.fresh) rmSync(library.folder, { recursive: true }); // It would be taken again the next time.
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

/** Our own kernels make training faster, and are not needed for it. They compute on the CPU, so an engine on a GPU has none. */
async function addKernels(parts: BindingParts, output: string, announce: Announce): Promise<void> {
  announce('Building the kernels of @sifaka/backend for this processor');
  const trouble = await buildKernels(parts, output);
  if (trouble !== undefined)
    announce(`They do not build with this libtensorflow; training is slower without them: ${trouble}`);
}

/** A training step with what is there; a reason to go on is told, not thrown. */
async function alreadyWorks({ engine }: InstallOptions, announce: Announce): Promise<EngineWorks | undefined> {
  const native = findNativePackage(engine);
  if (native === undefined) return undefined;
  const files = [BINDING, ...(engine === 'tensorflow' ? [KERNELS_LIBRARY] : [])];
  if (!files.every((name) => existsSync(path.join(bindingFolder(native.folder), name)))) return undefined;
  const health = await trainAStep(engine).catch((error: Error) => ({ works: false, reason: error.message }) as const);
  if (health.works) announce(`Already installed: ${native.folder} (--force builds it again)`);
  else announce(`Installed but broken, so it is built again: ${health.reason}`);
  return health.works ? health : undefined;
}

async function obtainLibrary(options: InstallOptions, staging: string, announce: Announce): Promise<AdoptedLibrary> {
  const { engine, force } = options;
  const engineHome = engineFolder(engine);
  const source = await chooseSource(options, announce);
  const origin = describeSource(engine, source);
  // What a folder of the user's holds may have changed, and is at hand; a download need not be repeated.
  const there = source.kind === 'folder' || force ? undefined : findAdopted(engineHome, origin);
  if (there !== undefined) announce(`libtensorflow is there already: ${there.folder}`);
  if (there !== undefined) return there;
  const folder = await fetchLibrary(options, source, staging, announce);
  return adoptLibrary(readTensorFlowFolder(engine, folder), { engineHome, staging, origin });
}

/** Node's C headers, from npm: node-gyp would fetch them from elsewhere. */
async function addNodeHeaders({ engine }: InstallOptions, staging: string): Promise<string> {
  const place = path.join(engineFolder(engine), `node-api-headers-${NODE_API_HEADERS_VERSION}`);
  if (!existsSync(place)) {
    const modules = await npmInstall(engine, path.join(staging, 'headers'), [
      `node-api-headers@${NODE_API_HEADERS_VERSION}`,
    ]);
    replaceFolder(path.join(modules, 'node-api-headers'), place, staging);
  }
  return path.join(place, 'include');
}

async function addPackage({ engine }: InstallOptions, staging: string, announce: Announce): Promise<NativePackage> {
  const { packageName } = ENGINES[engine];
  announce(`Installing ${packageName} ${TFJS_NODE_VERSION} from npm`);
  const modules = await npmInstall(engine, path.join(staging, 'package'), [`${packageName}@${TFJS_NODE_VERSION}`]);
  replaceFolder(modules, path.join(engineFolder(engine), 'node_modules'), staging);
  return findNativePackage(engine)!;
}

/** The engine's own folder may be moved as a whole; a project finds it where it is now. */
function findRunPath(native: NativePackage, folder: string, library: AdoptedLibrary): string {
  const lib = path.join(library.folder, 'lib');
  return native.own ? `$ORIGIN/${path.relative(folder, realpathSync(lib))}` : lib;
}
