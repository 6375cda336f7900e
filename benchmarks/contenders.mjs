// Starts the contenders' processes: one per engine (for wasm two, with one thread and with all cores), one for Node
// alone, and one per thread count of PyTorch.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker, WorkerFailure } from './worker.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @returns `{ name, side, command, environment }` of each contender of the workloads. */
export function listContenders({ engines, workloads, threads, python }) {
  const on = new Set(workloads.map(({ sifaka }) => sifaka.on));
  const cores = availableParallelism();
  const sifaka = (name, engine, environment = {}) => ({
    name,
    side: 'sifaka',
    command: [process.execPath, '--expose-gc', file('engine-worker.mjs'), engine],
    environment: { TF_CPP_MIN_LOG_LEVEL: '2', ...environment },
  });
  return [
    ...(on.has('engines') ? engines : []).flatMap((engine) =>
      engine === 'wasm'
        ? [
            sifaka('wasm', engine, { SIFAKA_THREADS: '1' }),
            ...(cores > 1 ? [sifaka(`wasm, ${cores} threads`, engine, { SIFAKA_THREADS: `${cores}` })] : []),
          ]
        : [sifaka(engine, engine)],
    ),
    ...(on.has('node') ? [sifaka('node', 'node')] : []),
    ...threads.map((count) => ({
      name: `${count} thread${count === 1 ? '' : 's'}`,
      side: 'pytorch',
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
export function entriesOf({ sifaka, pytorch }, contenders) {
  const onNode = sifaka.on === 'node';
  const engines = contenders.filter(({ side, name }) => side === 'sifaka' && (name === 'node') === onNode);
  const threadCounts = contenders.filter(({ side }) => side === 'pytorch');
  return [
    ...engines.map((contender) => ({ label: contender.name, contender, options: sifaka.options })),
    ...pytorch.flatMap(({ name, options }) =>
      threadCounts.map((contender) => ({ label: `${name}, ${contender.name}`, contender, options })),
    ),
  ];
}
