import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ENGINE_NAMES } from '@sifaka/backend';
import { WORKLOADS } from './workloads.mjs';

export const HELP = `Runs the same work on Sifaka's engines and on PyTorch in turns, and prints ratios of medians.

  npm run bench -- [OPTIONS]

  --engines LIST   default: all engines that start here, except cpu (${ENGINE_NAMES.join(', ')})
  --only LIST      names of workloads, or prefixes of them: ${WORKLOADS.map(({ name }) => name).join(', ')}
  --threads LIST   thread counts of PyTorch, the fastest of which is the reference; default: 1 and all cores
  --rounds N       turns of each contender; default 15
  --quick          3 rounds, to check that everything runs; the times mean nothing
  --python FILE    a Python with the packages of benchmarks/requirements.txt; default: benchmarks/.venv, made if missing
  --folder DIR     folder of the inputs; default: .cache/benchmarks
  --json FILE      writes all times
  --help           this text
`;

/** @returns undefined for --help. @throws TypeError for invalid arguments. */
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
  const chosen = WORKLOADS.filter(({ name }) => only.some((prefix) => name.startsWith(prefix)));
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
