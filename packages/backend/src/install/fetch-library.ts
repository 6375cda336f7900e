import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ENGINES } from '../engine-descriptions.js';
import { EngineError } from '../engine-error.js';
import { findPython } from './find-python.js';
import type { InstallOptions, LibrarySource } from './install-options.js';
import { npmInstall } from './npm-packages.js';
import { fetchWheel, wheelName } from './pip-wheel.js';
import { requireDiskSpace } from './staging.js';
import { systemCommand } from './system-command.js';
import { downloadUpstream } from './upstream-download.js';
import { TENSORFLOW_VERSION, TFJS_NODE_VERSION } from './versions.js';

/** Prints one line of progress. */
export type Announce = (line: string) => void;

// Gigabytes that must be free: the wheels and their unpacked files (0.8 and 5.3 remain on Linux x64), with room to
// spare.
const ROOM = { tensorflow: 2, 'tensorflow-gpu': 12 } as const;

/** Describes a source. A library's folder keeps this text to remember where the library came from. */
export function describeSource(engine: InstallOptions['engine'], source: LibrarySource): string {
  switch (source.kind) {
    case 'pip':
      return `${wheelName(engine)} ${TENSORFLOW_VERSION} through pip`;
    case 'upstream':
      return `the download of ${ENGINES[engine].packageName} ${TFJS_NODE_VERSION}`;
    case 'folder':
      return source.folder;
  }
}

/** The requested source. Default: pip if there is one, otherwise upstream's download. */
export async function chooseSource(
  { engine, from, pythons }: InstallOptions,
  announce: Announce,
): Promise<LibrarySource> {
  if (from !== undefined) return from;
  if ((await findPython(engine, pythons)) !== undefined) return { kind: 'pip' };
  announce(`No Python with pip found (${systemCommand('python')} installs one). Using upstream's older libtensorflow`);
  return { kind: 'upstream' };
}

/**
 * Fetches libtensorflow from a source, unless the source is a folder.
 *
 * @param staging folder for downloads.
 * @returns a folder that `readTensorFlowFolder` recognises; it is inside `staging` unless the user named it.
 * @throws {@link EngineError} if the disk is too small or the source fails.
 */
export async function fetchLibrary(
  options: InstallOptions,
  source: LibrarySource,
  staging: string,
  announce: Announce,
): Promise<string> {
  const { engine, pythons } = options;
  if (source.kind === 'folder') return source.folder;
  requireDiskSpace(engine, path.dirname(staging), engine === 'tensorflow-gpu' ? ROOM[engine] : ROOM.tensorflow);
  if (source.kind === 'upstream') {
    announce('Downloading libtensorflow with the install script of @tensorflow/tfjs-node');
    const name = ENGINES[engine].packageName;
    const modules = await npmInstall(engine, path.join(staging, 'upstream'), [`${name}@${TFJS_NODE_VERSION}`]);
    return downloadUpstream(engine, path.join(modules, name));
  }
  const python = await findPython(engine, pythons);
  if (python === undefined) {
    throw new EngineError(engine, 'there is no Python with pip (looked for python3, python)', systemCommand('python'));
  }
  const size = engine === 'tensorflow-gpu' ? 'about 3 GB with CUDA' : 'about 300 MB';
  announce(`Fetching ${wheelName(engine)} ${TENSORFLOW_VERSION} with ${python.description} (${size}; takes minutes)`);
  const folder = path.join(staging, 'wheel');
  mkdirSync(folder);
  return fetchWheel(engine, python, folder);
}
