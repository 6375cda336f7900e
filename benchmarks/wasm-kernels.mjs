// The plain wasm engine against the same engine with @sifaka/backend's kernels, in turns in one process. Ratios of
// medians are valid on a busy machine, unlike single times.
//
//   node benchmarks/wasm-kernels.mjs     needs `npm run build`
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { pathToFileURL } from 'node:url';
import { registerWasmKernels } from '@sifaka/backend';
import * as tf from '@tensorflow/tfjs-core';
import { median } from './statistics.mjs';
import { transformerStep } from './transformer-step.mjs';

const packageRequire = createRequire(import.meta.resolve('@sifaka/backend'));
const load = (name) => import(pathToFileURL(packageRequire.resolve(name)).href);
tf.env().set('IS_TEST', true);
await load('@tensorflow/tfjs-layers'); // registers the gradients
await load('@tensorflow/tfjs-backend-wasm');
await tf.setBackend('wasm');

// Kernels are looked up by name at every call, so replacing entries of the registry replaces the engine of the same
// model.
const plain = new Map(tf.getKernelsForBackend('wasm').map((kernel) => [kernel.kernelName, kernel]));
await registerWasmKernels();
const extended = new Map(tf.getKernelsForBackend('wasm').map((kernel) => [kernel.kernelName, kernel]));
const names = [...plain.keys()].filter((name) => extended.get(name) !== plain.get(name));
// The plain engine cannot train an embedding without this kernel, so both sides have it.
plain.set('UnsortedSegmentSum', extended.get('UnsortedSegmentSum'));
const use = (kernels) => {
  for (const name of names) {
    tf.unregisterKernel(name, 'wasm');
    tf.registerKernel(kernels.get(name));
  }
};

/** Median milliseconds of the plain and of the extended engine. */
function compare(run, { rounds, perRound }) {
  const times = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [side, kernels] of [plain, extended].entries()) {
      use(kernels);
      for (let i = 0; i < perRound; i++) {
        const start = performance.now();
        run();
        if (round > 0) times[side].push(performance.now() - start);
      }
    }
  }
  return times.map(median);
}

const SHAPES = [
  // label, batch, M, K, N, transposeA, transposeB
  ['[1024,64] x [64,64]', [], 1024, 64, 64, false, false],
  // Most products of a LEMUR step: layers of width 64 over thousands of tokens, forward and backward.
  ['[4096,64] x [64,64]', [], 4096, 64, 64, false, false],
  ['[4096,64] x [64,64]T', [], 4096, 64, 64, false, true],
  ['[4096,64]T x [4096,64]', [], 64, 4096, 64, true, false],
  ['[7,512,224] x [7,224,56]', [7], 512, 224, 56, false, false],
  ['[512,50,64] x [512,64,1]', [512], 50, 64, 1, false, false],
  ['[4096,64] x [64,256]', [], 4096, 64, 256, false, false],
  ['[4096,256] x [64,256]T', [], 4096, 256, 64, false, true],
  ['[4096,64]T x [4096,256]', [], 64, 4096, 256, true, false],
  ['[256,64,32] x [256,32,64]', [256], 64, 32, 64, false, false],
  ['[256,64,32] x [256,64,32]T', [256], 64, 32, 64, false, true],
  ['[256,32,64]T x [256,32,64]', [256], 64, 32, 64, true, false],
  ['[512,24,16] x [512,24,16]T', [512], 24, 16, 24, false, true],
  ['[512,24,24] x [512,24,16]', [512], 24, 24, 16, false, false],
  ['[1024,1024] x [1024,1024]', [], 1024, 1024, 1024, false, false],
  ['[512,512]T x [512,512]T', [], 512, 512, 512, true, true],
];

console.log(`Node ${process.version}, ${cpus()[0].model.trim()}, one thread\n`);
console.log('product                          plain GFLOP/s  with backend    faster by');
for (const [label, batch, m, k, n, transposeA, transposeB] of SHAPES) {
  const a = tf.randomNormal([...batch, ...(transposeA ? [k, m] : [m, k])]);
  const b = tf.randomNormal([...batch, ...(transposeB ? [n, k] : [k, n])]);
  const run = () => tf.matMul(a, b, transposeA, transposeB).dispose();
  const gigaflop = (2e-9 * m * n * k * batch.reduce((x, y) => x * y, 1)) / 1e-3;
  const [before, after] = compare(run, { rounds: gigaflop > 100 ? 3 : 9, perRound: gigaflop > 100 ? 1 : 3 });
  const cells = [gigaflop / before, gigaflop / after].map((value) => value.toFixed(1));
  const faster = (before / after).toFixed(1);
  console.log(`${label.padEnd(32)} ${cells[0].padStart(14)} ${cells[1].padStart(14)} ${faster.padStart(12)}x`);
  a.dispose();
  b.dispose();
}

// Ten steps from the same weights must end at the same loss on both sides.
const losses = [plain, extended].map((kernels) => {
  use(kernels);
  const step = transformerStep();
  for (let i = 0; i < 10; i++) step.run();
  const loss = step.loss();
  step.dispose();
  return loss.toFixed(6);
});
const step = transformerStep();
const [before, after] = compare(step.run, { rounds: 15, perRound: 2 });
step.dispose();
console.log('\nTraining step of a small transformer (batch 64, 16 tokens, width 64, Adam), median ms');
console.log(
  `plain ${before.toFixed(1)}, with @sifaka/backend ${after.toFixed(1)}: ${(before / after).toFixed(1)}x faster`,
);
console.log(`loss after 10 steps: plain ${losses[0]}, with @sifaka/backend ${losses[1]}`);
