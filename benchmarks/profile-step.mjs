// Profiles the LEMUR step by kernel: `node benchmarks/profile-step.mjs ENGINE`. `npm run bench -- --only lemur-step`
// writes its inputs. With `--em3 MODEL --length N` it profiles a step of em3-overhead.mjs instead. A clock around every
// kernel adds some microseconds per call. Engines that compute asynchronously (webgpu) show only the time to submit
// work.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { getBackend, getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '20' },
    em3: { type: 'string' },
    length: { type: 'string', default: '50' },
    folder: { type: 'string', default: fileURLToPath(new URL('../.cache/benchmarks', import.meta.url)) },
  },
});
const count = Number(values.steps);
const engine = await useEngine(positionals[0] ?? 'auto');
const clock = clockKernels();
const { setUp } = await import(`./workloads/${values.em3 === undefined ? 'lemur' : 'em3'}-step.mjs`);
const work = await setUp({ folder: values.folder, model: values.em3, length: Number(values.length) });
for (let i = 0; i < 5; i++) work.run();

clock.reset();
const parts = {};
const started = performance.now();
for (let i = 0; i < count; i++) {
  for (const [part, spent] of Object.entries(work.run().times)) parts[part] = (parts[part] ?? 0) + spent;
}
const total = performance.now() - started;
const kernels = [...clock.kernels].sort(([, a], [, b]) => b.spent - a.spent);
const inKernels = kernels.reduce((sum, [, { spent }]) => sum + spent, 0);

const share = (spent) => ((100 * spent) / total).toFixed(1);
const line = (label, calls, spent) =>
  [label.padEnd(34), calls.padStart(8), (spent / count).toFixed(2).padStart(10), share(spent).padStart(8)].join('');
console.log(`${engine.packageName} ${engine.version}, ${engine.device}; mean of ${count} steps\n`);
console.log(`${'kernel'.padEnd(34)}${'calls'.padStart(8)}${'ms'.padStart(10)}${'%'.padStart(8)}`);
for (const [kernel, { calls, spent }] of kernels) {
  if (spent > total / 500) console.log(line(kernel, (calls / count).toFixed(1), spent));
}
const calls = kernels.reduce((sum, [, kernel]) => sum + kernel.calls, 0);
console.log(line('all kernels', (calls / count).toFixed(0), inKernels));
console.log(line('outside kernels', '', total - inKernels));
console.log('\npart of the step');
for (const [part, spent] of Object.entries(parts)) console.log(line(part, '', spent));
work.dispose();
process.exit(0); // engines keep threads and timers

/** Counts calls and own time per kernel. Time in a nested kernel counts for the nested kernel. */
function clockKernels() {
  const kernels = new Map();
  const backend = getBackend();
  let inner = 0;
  for (const kernel of getKernelsForBackend(backend)) {
    const { kernelName, kernelFunc } = kernel;
    const timed = (call) => {
      const outer = inner;
      inner = 0;
      const began = performance.now();
      try {
        return kernelFunc(call);
      } finally {
        const spent = performance.now() - began;
        const own = kernels.get(kernelName) ?? { calls: 0, spent: 0 };
        kernels.set(kernelName, { calls: own.calls + 1, spent: own.spent + spent - inner });
        inner = outer + spent;
      }
    };
    unregisterKernel(kernelName, backend);
    registerKernel({ ...kernel, kernelFunc: timed });
  }
  return { kernels, reset: () => kernels.clear() };
}
