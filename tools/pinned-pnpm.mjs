// Starts pnpm at the version that package.json pins, whether or not the machine has a pnpm.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** For example `10.34.9`, from `"packageManager": "pnpm@10.34.9"`. */
export const pnpmVersion = manifest.packageManager.replace(/^pnpm@([^+]+).*$/, '$1');

/** The environment of every tool that these scripts start: no telemetry, no update notices. */
export const toolEnvironment = {
  ...process.env,
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  NO_UPDATE_NOTIFIER: '1',
};

/**
 * The command line that starts pnpm: the pnpm on the PATH if it has exactly the pinned version, otherwise npx, which
 * fetches it. npx also puts it first on the PATH of the programs that it runs, where turbo looks for it.
 *
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function pinnedPnpm() {
  known ??= findPnpm();
  return known;
}

let known;

function findPnpm() {
  const shell = process.platform === 'win32'; // Windows starts .cmd files only through a shell.
  // Outside the repository, because inside it any pnpm fetches the pinned version and prints that.
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
