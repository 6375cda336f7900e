// Peak memory of a process that does only this work: each side starts again, loads the same files and trains some
// steps.
import { startContender } from './contenders.mjs';

const STEPS = 20;

/** @returns `startedMiB` (only the engine or PyTorch loaded) and `peakMiB` per entry */
export async function measureMemory({ workload }, entries, { folder }) {
  const results = [];
  for (const { label, contender, options } of entries) {
    const { worker } = await startContender(contender);
    const { presentMiB: startedMiB } = await worker.ask({ do: 'memory' });
    await worker.ask({ do: 'setUp', key: label, workload, options, folder });
    await worker.ask({ do: 'run', key: label, times: STEPS });
    const { peakMiB } = await worker.ask({ do: 'memory' });
    await worker.stop();
    results.push({ label, side: contender.side, startedMiB, peakMiB });
  }
  return results;
}
