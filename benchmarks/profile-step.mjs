// Where the LEMUR step's time goes: `node benchmarks/profile-step.mjs ENGINE`, after `npm run bench -- --only lemur-step` has made the
// inputs. Every kernel of the engine is wrapped in a clock, so this adds some microseconds per call; an engine that computes
// behind the program's back (webgpu) shows only what it takes to hand work over.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { getBackend, getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { setUp } from './workloads/lemur-step.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '20' },
    folder: { type: 'string', default: fileURLToPath(new URL('../.cache/benchmarks', import.meta.url)) },
  },
});
const count = Number(values.steps);
const engine = await useEngine(positionals[0] ?? 'auto');
const clock = clockKernels();
const work = setUp({ folder: values.folder });
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

const line = (label, calls, spent) =>
  `${label.padEnd(34)}${calls.padStart(8)}${(spent / count).toFixed(2).padStart(10)}${((100 * spent) / total).toFixed(1).padStart(8)}`;
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
process.exit(0); // Engines keep threads and timers.

/** Counts calls and own time per kernel: what a kernel spends in another one counts there. */
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
