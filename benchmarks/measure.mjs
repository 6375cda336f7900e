// Measures in turns. In every round, each entry runs alone for about a fifth of a second, in a random order, so that
// other load on the machine affects all entries alike.
import { seededRandom } from '@sifaka/nn';
import { WorkerFailure } from './worker.mjs';

const TURN_MS = 200;
const MAX_RUNS = 50;
const WARM_UP_MS = 300;
const SLOW_MS = 60_000; // entries that would take longer get fewer rounds

/**
 * @param entries from `entriesOf`; several may share a process
 * @returns the entries with `check`, `times` and `cpuTimes` (`[rounds][runs]`, milliseconds), or with `failure`
 */
export async function measure({ workload }, entries, { rounds, folder, onProgress }) {
  const set = [];
  for (const entry of entries) {
    const ask = (question) => entry.contender.worker.ask({ ...question, key: entry.label });
    const measured = { ...entry, ask, times: [], cpuTimes: [] };
    await attempt(measured, async () => {
      const { check } = await ask({ do: 'setUp', workload, options: entry.options, folder });
      const once = await warmUp(ask);
      const runs = Math.max(1, Math.min(MAX_RUNS, Math.round(TURN_MS / once)));
      const turns = Math.max(3, Math.min(rounds, SLOW_MS / (runs * once)));
      Object.assign(measured, { check, runs, turns });
    });
    set.push(measured);
  }
  const random = seededRandom(entries.length);
  for (let round = 0; round < rounds; round++) {
    for (const entry of shuffled(set, random)) {
      if (entry.failure !== undefined || round >= entry.turns) continue;
      await attempt(entry, async () => {
        const { milliseconds, cpuMilliseconds } = await entry.ask({ do: 'run', times: entry.runs });
        entry.times.push(milliseconds);
        entry.cpuTimes.push(cpuMilliseconds);
      });
    }
    onProgress?.(round + 1);
  }
  for (const entry of set) {
    if (entry.failure === undefined) await attempt(entry, () => entry.ask({ do: 'tearDown' }));
  }
  return set;
}

/** A failure of one entry does not end the run of the others. */
async function attempt(entry, work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WorkerFailure)) throw error;
    entry.failure = error.reason;
  }
}

/** Runs until caches, compilers and allocators have settled. @returns milliseconds of one run */
async function warmUp(ask) {
  let spent = 0;
  let last = [];
  for (let runs = 0; runs < 3 || (spent < WARM_UP_MS && runs < MAX_RUNS); runs += last.length) {
    ({ milliseconds: last } = await ask({ do: 'run', times: 1 }));
    spent += last[0];
    if (last[0] > TURN_MS * 10) break;
  }
  return last[0];
}

function shuffled(items, random) {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
