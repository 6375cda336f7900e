import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { TensorFlowFolder } from './tensorflow-folder.js';

/** libtensorflow in the engine's folder: `lib`, `include`, and `nvidia` if there are CUDA libraries. */
export interface AdoptedLibrary {
  readonly folder: string;
  /** File names in `lib`. */
  readonly libraries: readonly string[];
  /** Where it came from, in the words of `describeSource`. */
  readonly origin: string;
  /** Whether this call made the folder. */
  readonly fresh: boolean;
}

// The headers that the binding and our kernels include, out of thousands in a wheel: the C API and the layout of its
// strings.
const HEADERS = [
  'tensorflow/c',
  'tensorflow/core/common_runtime/next_pluggable_device/c',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tensorflow/core/public/version.h',
  'tensorflow/core/public/release_version.h',
  'tensorflow/tsl/platform',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'tsl/platform/platform.h',
  'xla/tsl/c',
];
const PREFIX = 'libtensorflow-';
const ORIGIN_FILE = 'origin.json';
const SAMPLE_BYTES = 1 << 20;

/** The library that an earlier install took from the same source; undefined if there is none. */
export function findAdopted(engineHome: string, origin: string): AdoptedLibrary | undefined {
  if (!existsSync(engineHome)) return undefined;
  return readdirSync(engineHome)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => readAdopted(path.join(engineHome, name)))
    .find((library) => library?.origin === origin);
}

/**
 * Puts the needed parts of a libtensorflow into `engineHome/libtensorflow-FINGERPRINT`. Such a folder never changes, so
 * a binding that was built against it keeps working whatever is installed later.
 *
 * @param source moved if it is in `staging`, otherwise copied. CUDA libraries of a user's folder are linked.
 */
export function adoptLibrary(
  source: TensorFlowFolder,
  { engineHome, staging, origin }: { readonly engineHome: string; readonly staging: string; readonly origin: string },
): AdoptedLibrary {
  const folder = path.join(engineHome, PREFIX + fingerprint(source.libraries));
  const adopted = readAdopted(folder);
  if (adopted !== undefined) return adopted;
  const staged = source.include.startsWith(staging + path.sep);
  const made = path.join(staging, 'libtensorflow');
  mkdirSync(path.join(made, 'lib'), { recursive: true });
  for (const file of source.libraries) {
    const target = path.join(made, 'lib', path.basename(file));
    // A library may be a link to a file with a longer name. The copy shares its blocks with the original if the file
    // system can.
    if (staged) renameSync(realpathSync(file), target);
    else copyFileSync(file, target, constants.COPYFILE_FICLONE);
  }
  for (const header of HEADERS) {
    const from = path.join(source.include, header);
    if (existsSync(from)) cpSync(from, path.join(made, 'include', header), { recursive: true, dereference: true });
  }
  // libtensorflow looks for CUDA in ../nvidia, relative to itself.
  if (source.cuda !== undefined) {
    if (staged) renameSync(source.cuda, path.join(made, 'nvidia'));
    else symlinkSync(path.resolve(source.cuda), path.join(made, 'nvidia'));
  }
  const libraries = source.libraries.map((file) => path.basename(file));
  writeFileSync(path.join(made, ORIGIN_FILE), `${JSON.stringify({ origin, libraries }, null, 2)}\n`);
  mkdirSync(engineHome, { recursive: true });
  renameSync(made, folder);
  return { folder, libraries, origin, fresh: true };
}

function readAdopted(folder: string): AdoptedLibrary | undefined {
  const file = path.join(folder, ORIGIN_FILE);
  if (!existsSync(file)) return undefined;
  return {
    ...(JSON.parse(readFileSync(file, 'utf8')) as Pick<AdoptedLibrary, 'origin' | 'libraries'>),
    folder,
    fresh: false,
  };
}

/** Identifies libraries by their size, beginning (which has the linker's build id) and end, without reading 800 MB. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256');
  const sample = Buffer.alloc(SAMPLE_BYTES);
  for (const file of files) {
    const descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    hash.update(`${path.basename(file)} ${size}\n`);
    for (const position of [0, Math.max(0, size - SAMPLE_BYTES)]) {
      hash.update(sample.subarray(0, readSync(descriptor, sample, 0, SAMPLE_BYTES, position)));
    }
    closeSync(descriptor);
  }
  return hash.digest('hex').slice(0, 8);
}
