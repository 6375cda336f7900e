// Measures what EM3 costs beside the id-only model that reads the same histories: time per step, peak memory and
// trained parameters, for each way to treat the contents of histories (`content.history`) and each history length.
//
//   node benchmarks/em3-overhead.mjs [ENGINE] [OPTIONS]     needs `npm run build` and Linux
//
//   --lengths LIST     default 10,50,200,1000
//   --base N           the length that growth is measured from; default: the first of --lengths
//   --models LIST      default frozen,lowRank,sharedFusion,full
//   --rounds N         turns of each model; default 9. Models that would take over a minute get fewer, at least 3.
//   --most-items N     `full` is skipped where a step would encode more history items; default 2500. The memory of its
//                      step grows with them, and the engine wasm has at most 4 GiB.
//   --clock NAME       `wall` (default) or `cpu`: processor time of all threads, which other load hardly changes
//   --json FILE        writes all times
//
// All models of one length take turns in one process, in an order that changes every round. The id-only model at the
// base length takes turns with them, so that lengths can be compared too. Memory is that of a process with one model,
// beyond what engine and data take. These processes run at the same time, because load does not change their memory.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listContenders, startContender } from './contenders.mjs';
import { measure } from './measure.mjs';
import { figure, formatTable } from './report.mjs';
import { median, ratioOfMedians } from './statistics.mjs';
import { HISTORY_KINDS } from './workloads/em3-step.mjs';

const MEMORY_STEPS = 3;
const WORKLOAD = { workload: 'em3-step', sifaka: { on: 'engines' }, pytorch: [] };

const text = { type: 'string' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { lengths: text, base: text, models: text, rounds: text, json: text, clock: text, 'most-items': text },
});
const lengths = (values.lengths ?? '10,50,200,1000').split(',').map(Number);
const base = Number(values.base ?? lengths[0]);
const models = ['idOnly', ...(values.models?.split(',') ?? HISTORY_KINDS)];
const rounds = Number(values.rounds ?? 9);
const mostItems = Number(values['most-items'] ?? 2500);
const clock = values.clock ?? 'wall';
if (clock !== 'wall' && clock !== 'cpu') throw new TypeError(`--clock: expected wall or cpu, got ${clock}`);

// One contender: an engine with the number of threads that it chooses itself.
const [contender] = listContenders({ engines: [positionals[0] ?? 'wasm'], workloads: [WORKLOAD], threads: [] });

const all = [];
for (const length of lengths) {
  const results = await measureLength(length);
  if (all.length === 0) {
    const { version, device, threads } = results[0];
    console.log(`${version}, ${device}, ${threads} threads; ${rounds} rounds, ${clock} time`);
  }
  all.push(...results);
  console.log(`\nHistories of ${length}\n${format(results)}`);
  for (const { model, failure } of results) {
    if (failure !== undefined) console.log(`  ${model.padEnd(12)}  skipped: ${failure}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(all, null, 2));
}

/** @returns one result per model: times, ratios, peak memory and `check`, or `failure`, the reason to skip it */
async function measureLength(length) {
  const started = await start();
  const entry = (model, length) => ({
    label: `${model} at ${length}`,
    model,
    contender: started,
    options: { model, length, mostItems },
  });
  const entries = models.map((model) => entry(model, length));
  if (length !== base) entries.push(entry('idOnly', base));
  const measured = await measure(WORKLOAD, entries, { rounds });
  const timesOf = ({ times, cpuTimes }) => (clock === 'cpu' ? cpuTimes : times);
  await started.worker.stop();
  const [idOnly] = measured;
  const idOnlyAtBase = length === base ? idOnly : measured.at(-1);
  const toResult = async (each) => {
    const { model, options, check, failure, times, cpuTimes } = each;
    const about = { length, model, ...started.about };
    if (failure !== undefined) return { ...about, failure: failure.split('\n')[0] };
    return {
      ...about,
      ...check,
      times,
      cpuTimes,
      milliseconds: median(timesOf(each).flat()),
      toIdOnly: ratioOfMedians(timesOf(each), timesOf(idOnly)),
      toIdOnlyAtBase: ratioOfMedians(timesOf(each), timesOf(idOnlyAtBase)),
      memoryMiB: await peakMemory(options),
    };
  };
  return Promise.all(measured.slice(0, models.length).map(toResult));
}

/** Peak memory of some steps in a process of their own, without engine and data. */
async function peakMemory(options) {
  const { worker } = await start();
  const setUp = { do: 'setUp', workload: WORKLOAD.workload };
  await worker.ask({ ...setUp, key: 'data', options: { model: 'none' } });
  const { presentMiB } = await worker.ask({ do: 'memory' });
  await worker.ask({ ...setUp, key: 'model', options });
  await worker.ask({ do: 'run', key: 'model', times: MEMORY_STEPS });
  const { peakMiB } = await worker.ask({ do: 'memory' });
  await worker.stop();
  return peakMiB - presentMiB;
}

async function start() {
  const started = await startContender(contender);
  if (started.failure !== undefined) throw new Error(`${contender.name}: ${started.failure.reason}`);
  return started;
}

function format(results) {
  const time = ['ms', '× id-only', '90 % interval', `× id-only at ${base}`, `× itself at ${base}`];
  const headings = ['', ...time, 'memory, MiB', '× id-only', 'parameters', 'encoded items'];
  const idOnly = results.find(({ model }) => model === 'idOnly');
  const rows = results
    .filter(({ failure }) => failure === undefined)
    .map(({ model, milliseconds, toIdOnly, toIdOnlyAtBase, memoryMiB, parameters, encoded }) => {
      const itself = all.find((each) => each.model === model && each.length === base)?.toIdOnlyAtBase;
      return [
        model,
        figure(milliseconds),
        toIdOnly.ratio.toFixed(2),
        `${toIdOnly.low.toFixed(2)} … ${toIdOnly.high.toFixed(2)}`,
        toIdOnlyAtBase.ratio.toFixed(2),
        itself === undefined ? '' : (toIdOnlyAtBase.ratio / itself.ratio).toFixed(2),
        memoryMiB.toFixed(0),
        (memoryMiB / idOnly.memoryMiB).toFixed(2),
        parameters.toLocaleString('en'),
        encoded.toFixed(0),
      ];
    });
  return formatTable([headings, ...rows]);
}
