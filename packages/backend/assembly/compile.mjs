// Compiles assembly/index.ts and writes the module, base64-encoded, into a TypeScript file, so that it travels with the package
// and needs no fetch. `node assembly/compile.mjs [FILE]`; default src/wasm/kernels.generated.ts.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.resolve(process.argv[2] ?? path.join(root, 'src/wasm/kernels.generated.ts'));
const binary = `${target}.wasm`;

// No runtime, no `abort`, no assertions: the module must own no data of its own in a memory that belongs to the engine.
const options = [
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--noAssert',
  '--importMemory',
  '--initialMemory',
  '1',
  '--noExportMemory',
];
const { error, stderr } = await main(
  ['assembly/index.ts', '--baseDir', root, '--enable', 'simd', '-O3', ...options, '--outFile', binary],
  { stdout: process.stdout },
);
if (error) throw new Error(`assembly/index.ts: ${stderr.toString()}`);

const base64 = readFileSync(binary).toString('base64');
rmSync(binary);
writeFileSync(
  target,
  `// Made by assembly/compile.mjs from assembly/*.ts; do not edit.\nexport const KERNELS_BASE64: string =\n  '${base64}';\n`,
);
