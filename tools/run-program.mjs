// Runs other programs for the tools in this folder.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pinnedPnpm, root, toolEnvironment } from './pinned-pnpm.mjs';

const TIMEOUT_MS = 600_000;

/**
 * Runs a program to its end.
 *
 * @returns {Promise<string>} its standard output.
 * @throws Error with its whole output if it fails or takes longer than ten minutes.
 */
export async function runProgram(command, args, { cwd = root, env = {} } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...toolEnvironment, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
    shell: process.platform === 'win32' && command !== process.execPath,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  const output = [];
  const standard = [];
  child.stdout.on('data', (chunk) => {
    output.push(chunk);
    standard.push(chunk);
  });
  child.stderr.on('data', (chunk) => output.push(chunk));
  const program = path.basename(command);
  const ended = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${program}: ${error.message}`)));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  if (ended !== 0) throw new Error(`${Buffer.concat(output)}\n${program} ended with ${ended}`);
  return Buffer.concat(standard).toString();
}

/** Runs the pinned pnpm with {@link runProgram}. */
export function runPnpm(args, options) {
  const { command, args: first } = pinnedPnpm();
  return runProgram(command, [...first, ...args], options);
}
