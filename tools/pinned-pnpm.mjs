// pnpm at the version that package.json pins, on a machine that may have another one or none.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** `10.34.9` of `"packageManager": "pnpm@10.34.9"`. */
export const pnpmVersion = manifest.packageManager.replace(/^pnpm@([^+]+).*$/, '$1');

/** The environment of every tool that is started here: no telemetry, no advertisements of updates. */
export const toolEnvironment = {
  ...process.env,
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  NO_UPDATE_NOTIFIER: '1',
};

/**
 * The words that start pnpm: the one on the PATH if it is exactly the pinned version, else npm fetches it.
 * Started through npm, pnpm is also first on the PATH of what it runs, where turbo looks for it.
 *
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function pinnedPnpm() {
  known ??= findPnpm();
  return known;
}

let known;

function findPnpm() {
  const shell = process.platform === 'win32'; // Windows starts .cmd files through a shell only.
  // Asked from outside the repository: within, another version of pnpm would fetch the pinned one and answer for it.
  const found = spawnSync('pnpm', ['--version'], {
    cwd: tmpdir(),
    env: { ...process.env, COREPACK_ENABLE_NETWORK: '0' },
    encoding: 'utf8',
    shell,
    timeout: 20_000,
  });
  if (found.status === 0 && found.stdout.trim() === pnpmVersion) return { command: 'pnpm', args: [], shell };
  return { command: 'npx', args: ['--yes', `pnpm@${pnpmVersion}`], shell };
}
