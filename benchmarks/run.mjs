// `npm run bench`: Sifaka's engines and PyTorch do the same work in turns. README.md explains the results.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, readArguments } from './arguments.mjs';
import { entriesOf, listContenders, startContender } from './contenders.mjs';
import { measure } from './measure.mjs';
import { measureMemory } from './memory.mjs';
import { pythonEnvironment } from './python-environment.mjs';
import { compare, disagreements, formatMemory, formatResults } from './report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = parseCommandLine(process.argv.slice(2));
const { workloads, rounds } = given;
const folder = path.resolve(given.folder ?? path.join(root, '.cache', 'benchmarks'));
const python = given.python ?? pythonEnvironment({ print: console.log });

prepareInputs();
const contenders = [];
for (const contender of listContenders({ ...given, python })) {
  const started = await startContender(contender);
  if (started.failure === undefined) {
    contenders.push(started);
    const { version, device } = started.about;
    console.log(`${contender.name.padEnd(16)}${version}${device === undefined ? '' : `, ${device}`}`);
  } else {
    const { reason, command } = started.failure;
    console.log(`${contender.name.padEnd(16)}skipped: ${reason}${command === undefined ? '' : ` (${command})`}`);
  }
}
console.log(`${cpus().length} × ${cpus()[0].model.trim()}, Node ${process.version}, ${rounds} rounds\n`);

const report = { date: new Date().toISOString(), cores: cpus().length, cpu: cpus()[0].model, rounds, workloads: {} };
for (const workload of workloads) {
  const entries = entriesOf(workload, contenders);
  const onProgress = (round) => progress(`${workload.name}: round ${round} of ${rounds}`);
  const all = await measure(workload, entries, { rounds, folder, onProgress });
  const measured = all.filter(({ failure }) => failure === undefined);
  progress('');
  const results = compare(measured);
  console.log(formatResults(workload, results));
  for (const { label, failure } of all) {
    if (failure === undefined) continue;
    console.log(`  ${label} failed: ${failure}`);
    process.exitCode = 1;
  }
  for (const difference of disagreements(measured, workload.agree)) {
    console.log(`  NOT THE SAME WORK: ${difference}`);
    process.exitCode = 1;
  }
  report.workloads[workload.name] = { title: workload.title, results };
  if (workload.memory) {
    const memory = await measureMemory(workload, measured, { folder });
    console.log(`\n${formatMemory(memory)}`);
    report.workloads[workload.name].memory = memory;
  }
  console.log('');
  if (given.json !== undefined) writeFileSync(given.json, JSON.stringify(report, null, 2));
}
for (const { worker } of contenders) await worker.stop();

function parseCommandLine(argv) {
  try {
    const parsed = readArguments(argv);
    if (parsed !== undefined) return parsed;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`bench: ${error.message} (--help lists all options)`);
    process.exit(1);
  }
}

/** Writes the inputs, which are the same every time, in a separate process. */
function prepareInputs() {
  const inputs = [...new Set(workloads.flatMap((workload) => workload.inputs ?? []))];
  if (inputs.length === 0) return;
  const script = fileURLToPath(new URL('prepare-inputs.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, folder, ...inputs], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`benchmarks/prepare-inputs.mjs exited with ${status}`);
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
