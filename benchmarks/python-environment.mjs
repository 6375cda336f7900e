// A Python with PyTorch, Pillow and the rest, in a virtual environment of the benchmarks' own.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.venv', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** @returns the interpreter's path; the environment is made if it is absent or was made from other requirements. */
export function pythonEnvironment({ print }) {
  const windows = process.platform === 'win32';
  const python = windows ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const mark = path.join(folder, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return python;
  print('Making benchmarks/.venv with PyTorch: some minutes and, on Linux, 6 GB, once …');
  rmSync(folder, { recursive: true, force: true });
  run(windows ? 'python' : 'python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(mark, wanted); // Last: its presence says that the environment is whole.
  return python;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return;
  const problem = error?.message ?? `ended with ${status}`;
  throw new Error(`${[command, ...args].join(' ')}: ${problem}. Give a Python that has ${requirements}: --python FILE`);
}
