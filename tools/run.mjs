// The commands of a fresh clone. They need only Node and npm, and fetch the pinned version of pnpm.
//
//   node tools/run.mjs start [ARGS]   installs, builds, runs the demo's `start`     (npm start -- ARGS)
//   node tools/run.mjs demo [ARGS]    installs, builds, runs the demo with ARGS     (npm run demo -- ARGS)
//   node tools/run.mjs test [ARGS]    installs, runs the tests                      (npm test -- ARGS)
//   node tools/run.mjs pnpm [ARGS]    runs the pinned pnpm with ARGS
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { pinnedPnpm, pnpmVersion, root, toolEnvironment } from './pinned-pnpm.mjs';

const OLDEST_NODE = [20, 19];
const DEMO = path.join(root, 'apps', 'demo', 'dist', 'cli.js');
const VITEST = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');

const COMMANDS = {
  async start(args) {
    await install();
    await build();
    return handOver(process.execPath, [DEMO, 'start', ...args]);
  },
  async demo(args) {
    await install();
    await build();
    return handOver(process.execPath, [DEMO, ...args]);
  },
  async test(args) {
    await install();
    return handOver(process.execPath, [VITEST, 'run', ...args]);
  },
  async pnpm(args) {
    const { command, args: first, shell } = pinnedPnpm();
    return handOver(command, [...first, ...args], { shell });
  },
};

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Sifaka needs Node ${OLDEST_NODE.join('.')} or newer, got ${process.versions.node} (${process.execPath})`);
}

function install() {
  if (installed()) return;
  // Replaces another package manager's node_modules without asking, because users keep no work there.
  const args = ['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  return quietly(`Installing packages (pnpm ${pnpmVersion})`, args);
}

/** pnpm copies the lockfile into node_modules after a complete install. */
function installed() {
  try {
    const [wanted, present] = ['pnpm-lock.yaml', 'node_modules/.pnpm/lock.yaml'].map((file) =>
      readFileSync(path.join(root, file)),
    );
    return wanted.equals(present);
  } catch {
    return false;
  }
}

function build() {
  return quietly('Building', ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only']);
}

/** Runs pnpm and prints one line. Prints its output only if it fails. */
async function quietly(title, args) {
  const { command, args: first, shell } = pinnedPnpm();
  const began = performance.now();
  process.stdout.write(`${title} … `);
  const output = [];
  const child = spawn(command, [...first, ...args], { cwd: root, env: toolEnvironment, shell });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const { code, problem } = await ended(child);
  if (code === 0) {
    process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    return;
  }
  process.stdout.write('failed\n');
  process.stderr.write(Buffer.concat(output));
  fail(`${title}: ${problem ?? `${[command, ...first, ...args].join(' ')} ended with ${code}`}`, code);
}

/**
 * Gives the terminal to a program until it ends, and returns its exit code.
 *
 * The program gets its own process group, so that it receives each Ctrl-C once, from this process. The terminal and npm
 * both send one here, and the program would take the second for an impatient user.
 */
async function handOver(command, args, { shell = false } = {}) {
  const ownGroup = process.platform !== 'win32';
  const child = spawn(command, args, { env: toolEnvironment, stdio: 'inherit', detached: ownGroup, shell });
  let last = Number.NEGATIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = performance.now();
      if (ownGroup && child.pid !== undefined && now - last > 1000) process.kill(-child.pid, signal);
      last = now;
    });
  }
  const watch = watchParent(() => process.kill(process.pid, 'SIGTERM'));
  const { code, problem } = await ended(child);
  clearInterval(watch);
  if (problem !== undefined) console.error(problem);
  return code;
}

/** When npm is terminated, it stops its shell but not the shell's programs. Training would continue unnoticed. */
function watchParent(onGone) {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: npm sets it for this script, and no turbo task reads it.
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 500);
  return timer;
}

function ended(child) {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, problem: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal] }));
  });
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}

checkNode();
const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, name ?? '')) {
  fail(`tools/run.mjs: expected one of ${Object.keys(COMMANDS).join(', ')}, got ${name}`);
}
process.exitCode = await COMMANDS[name](args);
