// Compiles assembly/index.ts and writes it base64-encoded into a TypeScript file of the package.
// Usage: node assembly/compile.mjs [FILE]. Default: src/images/jpeg/jpeg-decoder.generated.ts.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.resolve(process.argv[2] ?? path.join(root, 'src/images/jpeg/jpeg-decoder.generated.ts'));
const binary = `${target}.wasm`;
const options = [
  '--enable',
  'simd',
  '-O3',
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--noAssert',
  '--initialMemory',
  '1',
];

const { error, stderr } = await main(['assembly/index.ts', '--baseDir', root, ...options, '--outFile', binary], {
  stdout: process.stdout,
});
if (error) throw new Error(`assembly/index.ts: ${stderr.toString()}`);
const base64 = readFileSync(binary).toString('base64');
rmSync(binary);
writeFileSync(
  target,
  `// Made by assembly/compile.mjs from assembly/*.ts; do not edit.
export const JPEG_DECODER_BASE64: string =
  '${base64}';
`,
);
