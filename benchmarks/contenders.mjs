// Starts the contenders' processes: one per engine (for wasm two, with one thread and with all cores), one for Node
// alone, and one per thread count of PyTorch.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker, WorkerFailure } from './worker.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @returns `{ name, side, command, environment }` of each contender of the workloads. */
export function listContenders({ engines, workloads, threads, python }) {
  const on = new Set(workloads.map(({ ours }) => ours.on));
  const cores = availableParallelism();
  const ours = (name, engine, environment = {}) => ({
    name,
    side: 'ours',
    command: [process.execPath, '--expose-gc', file('engine-worker.mjs'), engine],
    environment: { TF_CPP_MIN_LOG_LEVEL: '2', ...environment },
  });
  return [
    ...(on.has('engines') ? engines : []).flatMap((engine) =>
      engine === 'wasm'
        ? [
            ours('wasm', engine, { SIFAKA_THREADS: '1' }),
            ...(cores > 1 ? [ours(`wasm, ${cores} threads`, engine, { SIFAKA_THREADS: `${cores}` })] : []),
          ]
        : [ours(engine, engine)],
    ),
    ...(on.has('node') ? [ours('node', 'node')] : []),
    ...threads.map((count) => ({
      name: `${count} thread${count === 1 ? '' : 's'}`,
      side: 'theirs',
      command: [python, file('pytorch-worker.py'), `${count}`],
      environment: { PYTHONDONTWRITEBYTECODE: '1' },
    })),
  ];
}

/** @returns the contender with `worker` and `about`, or with `failure` (`reason`, `command`) if it cannot start. */
export async function startContender(contender) {
  const worker = new Worker(contender.name, contender.command, contender.environment);
  try {
    return { ...contender, worker, about: await worker.ask({ do: 'start' }) };
  } catch (error) {
    if (!(error instanceof WorkerFailure)) throw error;
    await worker.stop();
    return { ...contender, failure: { reason: error.reason, command: error.command } };
  }
}

/** The entries of a workload, one per row of its table. */
export function entriesOf({ ours, theirs }, contenders) {
  const mine = contenders.filter(({ side, name }) => side === 'ours' && (name === 'node') === (ours.on === 'node'));
  const others = contenders.filter(({ side }) => side === 'theirs');
  return [
    ...mine.map((contender) => ({ label: contender.name, contender, options: ours.options })),
    ...theirs.flatMap(({ name, options }) =>
      others.map((contender) => ({ label: `${name}, ${contender.name}`, contender, options })),
    ),
  ];
}
