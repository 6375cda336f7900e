// Builds the stand-in of libcuda from the kernels of packages/backend/cuda and prints its path.
// `node tools/cuda-stand-in/build.mjs [FOLDER]`; default: node_modules/.cache/cuda-stand-in. Needs g++ (or $CXX).
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(path.dirname(here));
const kernels = path.join(root, 'packages/backend/cuda');
const folder = path.resolve(process.argv[2] ?? path.join(root, 'node_modules/.cache/cuda-stand-in'));
const target = path.join(folder, 'libcuda.so.1');

const sources = [here, kernels].flatMap((from) =>
  readdirSync(from)
    .filter((name) => /\.(cc|cu)$/.test(name))
    .map((name) => path.join(from, name)),
);
mkdirSync(folder, { recursive: true });
// A contracted a · b + c would round differently from one machine to the next.
const options = ['-std=c++17', '-O1', '-shared', '-fPIC', '-Wall', '-Wno-unknown-pragmas', '-ffp-contract=off'];
// longjmp is used to switch between fibers, which glibc's checked form refuses.
options.push('-U_FORTIFY_SOURCE', '-I', here, '-o', target, '-x', 'c++');
execFileSync(process.env['CXX'] ?? 'g++', [...options, ...sources], { stdio: ['ignore', 'inherit', 'inherit'] });
console.log(target);
