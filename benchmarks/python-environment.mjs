// The benchmarks' virtual environment, with PyTorch, Pillow and others.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.venv', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** Creates the environment if it is missing or has other requirements. @returns the path of its interpreter. */
export function pythonEnvironment({ print }) {
  const windows = process.platform === 'win32';
  const python = windows ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const mark = path.join(folder, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return python;
  print('Creating benchmarks/.venv with PyTorch, once: takes some minutes and, on Linux, 6 GB …');
  rmSync(folder, { recursive: true, force: true });
  run(windows ? 'python' : 'python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(mark, wanted); // last, because it marks the environment as complete
  return python;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return;
  const problem = error?.message ?? `ended with ${status}`;
  throw new Error(
    `${[command, ...args].join(' ')}: ${problem}. Pass a Python with the packages of ${requirements}: --python FILE`,
  );
}
