import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ENGINE_NAMES } from '@sifaka/backend';
import { WORKLOADS } from './workloads.mjs';

export const HELP = `Runs the same work on our engines and on PyTorch, taking turns, and prints ratios of medians.

  npm run bench -- [OPTIONS]

  --engines LIST   default: every engine that starts here, but cpu (${ENGINE_NAMES.join(', ')})
  --only LIST      beginnings of names: ${WORKLOADS.map(({ name }) => name).join(', ')}
  --threads LIST   PyTorch's thread counts; default: 1 and the number of cores; the faster is compared with
  --rounds N       turns that each contender gets; default 15
  --quick          3 rounds: tells whether everything runs, not how fast it is
  --python FILE    a Python that has benchmarks/requirements.txt; default: benchmarks/.venv, made if it is not there
  --folder DIR     where inputs are put; default: .cache/benchmarks
  --json FILE      all times
  --help           this text
`;

/** @returns undefined if help is asked for. @throws TypeError for what is not understood. */
export function readArguments(argv) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args: argv,
    options: {
      engines: text,
      only: text,
      threads: text,
      rounds: text,
      python: text,
      folder: text,
      json: text,
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const list = (value) => value?.split(',').map((part) => part.trim());
  const engines = list(values.engines) ?? ENGINE_NAMES.filter((name) => name !== 'cpu');
  for (const name of engines) expect('--engines', ENGINE_NAMES.includes(name), ENGINE_NAMES.join(', '), name);
  const only = list(values.only) ?? [''];
  const chosen = WORKLOADS.filter(({ name }) => only.some((beginning) => name.startsWith(beginning)));
  expect('--only', chosen.length > 0, WORKLOADS.map(({ name }) => name).join(', '), values.only);
  const threads = (list(values.threads) ?? ['1', `${availableParallelism()}`]).map(Number);
  for (const count of threads)
    expect('--threads', Number.isInteger(count) && count > 0, 'whole numbers', values.threads);
  const rounds = values.quick ? 3 : Number(values.rounds ?? 15);
  expect('--rounds', Number.isInteger(rounds) && rounds > 1, 'a whole number from 2', values.rounds);
  return {
    engines,
    workloads: chosen,
    threads: [...new Set(threads)],
    rounds,
    python: values.python,
    folder: values.folder,
    json: values.json,
  };
}

function expect(name, holds, expected, got) {
  if (!holds) throw new TypeError(`${name}: expected ${expected}, got ${got}`);
}
