import path from 'node:path';
import type { DemoEnvironment } from './demo-run.js';

/**
 * The part of the environment that comes from variables and the process's folder. An empty variable counts as not set,
 * as in `SIFAKA_CACHE= npm start`.
 *
 * @param root the repository's folder
 * @param currentFolder where the process runs
 */
export function processFolders(
  variables: Readonly<Record<string, string | undefined>>,
  root: string,
  currentFolder: string,
): Pick<DemoEnvironment, 'cacheFolder' | 'engine' | 'runsFolder' | 'workingFolder'> {
  // npm runs scripts in the repository's root. INIT_CWD is the folder that the user called it from.
  const workingFolder = variables['INIT_CWD'] || currentFolder;
  return {
    workingFolder,
    cacheFolder: path.resolve(workingFolder, variables['SIFAKA_CACHE'] || path.join(root, '.cache')),
    runsFolder: path.join(root, 'runs'),
    engine: variables['SIFAKA_ENGINE'] || 'auto',
  };
}
