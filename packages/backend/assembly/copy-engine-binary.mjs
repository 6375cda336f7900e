// Copies the wasm engine's SIMD build from @tensorflow/tfjs-backend-wasm into dist/wasm, beside the module that names
// it by `new URL('./…', import.meta.url)`. Bundlers and browsers find a file beside a module, but not one in another
// package.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = 'tfjs-backend-wasm-simd.wasm';

const from = createRequire(import.meta.url).resolve(`@tensorflow/tfjs-backend-wasm/dist/${BINARY}`);
const folder = fileURLToPath(new URL('../dist/wasm', import.meta.url));
mkdirSync(folder, { recursive: true });
copyFileSync(from, path.join(folder, BINARY));
