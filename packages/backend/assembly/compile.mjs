// Compiles assembly/index.ts twice, with SIMD and with relaxed SIMD (fused multiply-add), and writes both modules,
// base64-encoded, into a TypeScript file: they are part of the package and need no fetch.
// `node assembly/compile.mjs [FILE]`; default src/wasm/kernels.generated.ts.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.resolve(process.argv[2] ?? path.join(root, 'src/wasm/kernels.generated.ts'));

// No runtime, no `abort`, no assertions: the memory belongs to the engine, so the module must have no data in it.
const options = [
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--noAssert',
  '--importMemory',
  '--initialMemory',
  '1',
  '--maximumMemory', // The engine's maximum. A memory without one cannot be shared between threads.
  '65536',
  '--noExportMemory',
];

/** @returns the module, base64-encoded. */
async function compile(features) {
  const binary = `${target}.wasm`;
  const enabled = features.flatMap((feature) => ['--enable', feature]);
  const { error, stderr } = await main(
    ['assembly/index.ts', '--baseDir', root, ...enabled, '-O3', ...options, '--outFile', binary],
    { stdout: process.stdout },
  );
  if (error) throw new Error(`assembly/index.ts: ${stderr.toString()}`);
  const base64 = readFileSync(binary).toString('base64');
  rmSync(binary);
  return base64;
}

const plain = await compile(['simd']);
const relaxed = await compile(['simd', 'relaxed-simd']);
writeFileSync(
  target,
  `// Made by assembly/compile.mjs from assembly/*.ts; do not edit.
export const KERNELS_BASE64: string =
  '${plain}';
export const RELAXED_KERNELS_BASE64: string =
  '${relaxed}';
`,
);
