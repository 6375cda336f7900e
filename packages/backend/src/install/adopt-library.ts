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

/** libtensorflow in the engine's folder: `lib`, `include`, and `nvidia` beside them where there are CUDA libraries. */
export interface AdoptedLibrary {
  readonly folder: string;
  /** Names in `lib`. */
  readonly libraries: readonly string[];
  /** Where it came from, in the words of `describeSource`. */
  readonly origin: string;
  /** Whether it was taken just now. */
  readonly fresh: boolean;
}

// The C API and the layout of its strings: what the binding and our kernels include, out of the thousands of headers in a wheel.
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

/** What an earlier install took from the same source, if it is still there. */
export function findAdopted(engineHome: string, origin: string): AdoptedLibrary | undefined {
  if (!existsSync(engineHome)) return undefined;
  return readdirSync(engineHome)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => readAdopted(path.join(engineHome, name)))
    .find((library) => library?.origin === origin);
}

/**
 * Takes what is needed of a libtensorflow into `engineHome/libtensorflow-FINGERPRINT`. Such a folder never changes once it is there, so a
 * binding that was built against it keeps working whatever is installed later.
 *
 * @param source Moved from if it lies in `staging`, else copied; CUDA libraries of a user's folder are linked to.
 */
export function adoptLibrary(
  source: TensorFlowFolder,
  { engineHome, staging, origin }: { readonly engineHome: string; readonly staging: string; readonly origin: string },
): AdoptedLibrary {
  const folder = path.join(engineHome, PREFIX + fingerprint(source.libraries));
  const there = readAdopted(folder);
  if (there !== undefined) return there;
  const own = source.include.startsWith(staging + path.sep);
  const made = path.join(staging, 'libtensorflow');
  mkdirSync(path.join(made, 'lib'), { recursive: true });
  for (const file of source.libraries) {
    const place = path.join(made, 'lib', path.basename(file));
    // A library may be a link to one with a longer name. A copy shares its blocks with the original where the file system can.
    if (own) renameSync(realpathSync(file), place);
    else copyFileSync(file, place, constants.COPYFILE_FICLONE);
  }
  for (const header of HEADERS) {
    const from = path.join(source.include, header);
    if (existsSync(from)) cpSync(from, path.join(made, 'include', header), { recursive: true, dereference: true });
  }
  // libtensorflow looks for CUDA in ../nvidia, seen from itself.
  if (source.cuda !== undefined) {
    if (own) renameSync(source.cuda, path.join(made, 'nvidia'));
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

/** Names a library by its size, its beginning (which holds the linker's build id) and its end, without reading 800 MB. */
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
