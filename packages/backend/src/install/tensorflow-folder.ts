import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { requireLibraryForThisMachine } from './shared-library.js';

/** libtensorflow in a folder: what the binding is compiled and linked against. */
export interface TensorFlowFolder {
  /** Absolute; holds `tensorflow/c/c_api.h`. */
  readonly include: string;
  /** Absolute paths: the library with the C API, then `libtensorflow_framework` if the build is split in two. */
  readonly libraries: readonly string[];
  /** The `nvidia` folder of CUDA wheels beside it, if there is one. */
  readonly cuda: string | undefined;
}

// The name that the loader looks for comes first. A release has all three names, as links to one file.
const LIBRARIES: Readonly<Record<string, { readonly api: readonly string[]; readonly framework: readonly string[] }>> =
  {
    linux: {
      api: ['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow.so'],
      framework: ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
    },
    darwin: {
      api: ['libtensorflow_cc.2.dylib', 'libtensorflow.2.dylib', 'libtensorflow.dylib'],
      framework: ['libtensorflow_framework.2.dylib', 'libtensorflow_framework.dylib'],
    },
  };

/**
 * Recognises libtensorflow in a folder: `include/` and `lib/` of a release, the `tensorflow` folder of an installed or
 * unpacked wheel (libraries beside `include/`), or a folder that holds such a `tensorflow` folder.
 *
 * @throws {@link EngineError} that says what is missing, or which machine the library is for.
 */
export function readTensorFlowFolder(engine: InstallableEngine, folder: string): TensorFlowFolder {
  const fail = (reason: string) => new EngineError(engine, reason, `${INSTALL_COMMAND} ${engine} --from pip`);
  if (!existsSync(folder)) throw fail(`there is no folder ${folder}`);
  if (!statSync(folder).isDirectory()) throw fail(`${folder} is not a folder (unpack a wheel or an archive first)`);
  const root = [folder, path.join(folder, 'tensorflow')].find((each) => existsSync(path.join(each, 'include')));
  const header = path.join('tensorflow', 'c', 'c_api.h');
  if (root === undefined || !existsSync(path.join(root, 'include', header))) {
    throw fail(
      `${folder} has no include/${header}: neither a libtensorflow release nor the tensorflow folder of a wheel`,
    );
  }
  const include = path.join(root, 'include');
  const [api, framework] = findLibraries(root);
  const libraries = [api, framework].filter((file) => file !== undefined);
  try {
    if (api === undefined) throw new Error(missingLibrary(root));
    for (const library of libraries) requireLibraryForThisMachine(library);
  } catch (error) {
    throw fail((error as Error).message);
  }
  const cuda = [path.join(root, 'nvidia'), path.join(root, '..', 'nvidia')].find((each) => existsSync(each));
  return { include, libraries, cuda };
}

function findLibraries(root: string): readonly (string | undefined)[] {
  const names = LIBRARIES[process.platform];
  const find = (candidates: readonly string[] = []) =>
    [path.join(root, 'lib'), root]
      .flatMap((folder) => candidates.map((name) => path.join(folder, name)))
      .find((file) => existsSync(file));
  return [find(names?.api), find(names?.framework)];
}

/**
 * Explains a missing library.
 *
 * @throws Error that names both machines if the folder has the library of another one.
 */
function missingLibrary(root: string): string {
  const other = [path.join(root, 'lib'), root]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .find((file) => /^(lib)?tensorflow[^/\\]*\.(so[.\d]*|dylib|dll)$/.test(path.basename(file)));
  if (other !== undefined) requireLibraryForThisMachine(other);
  return `${root} has no ${LIBRARIES[process.platform]?.api.join(' or ')}`;
}
