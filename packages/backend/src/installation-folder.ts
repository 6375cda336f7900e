import type { EngineName } from './engine-descriptions.js';

/**
 * The folder in which `sifaka-backend install` keeps one engine, outside any project: an npm prefix whose
 * `node_modules` holds the engine's packages, with the files that do not come from npm beside it.
 *
 * It is `$SIFAKA_HOME/NAME`. The variable defaults to `sifaka` in the user's cache folder (`$XDG_CACHE_HOME`, or
 * `~/.cache`).
 */
export function installationFolder(name: EngineName): string {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  const home = process.env['SIFAKA_HOME'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sifaka');
  return join(home, name);
}
