// Builds the stand-in of libcuda from the kernels of packages/backend/cuda and prints its path.
// `node tools/cuda-stand-in/build.mjs [FOLDER]`; default: node_modules/.cache/cuda-stand-in. Needs g++ (or $CXX).
// Only what has changed is compiled again.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const environment = process.env;
const root = path.dirname(path.dirname(here));
const kernels = path.join(root, 'packages/backend/cuda');
const folder = path.resolve(process.argv[2] ?? path.join(root, 'node_modules/.cache/cuda-stand-in'));
const target = path.join(folder, 'libcuda.so.1');
const compiler = environment['CXX'] ?? 'g++';

// A contracted a · b + c would round differently from one machine to the next. longjmp switches between fibers, which
// glibc's checked form refuses.
const options = ['-std=c++17', '-O1', '-fPIC', '-Wall', '-Wno-unknown-pragmas', '-ffp-contract=off'];
options.push('-U_FORTIFY_SOURCE', '-I', here);

const filesIn = (pattern) =>
  [here, kernels].flatMap((from) =>
    readdirSync(from)
      .filter((name) => pattern.test(name))
      .map((name) => path.join(from, name)),
  );
const changed = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);
const run = (...words) => execFileSync(compiler, words, { stdio: ['ignore', 'inherit', 'inherit'] });

mkdirSync(folder, { recursive: true });
const headers = Math.max(...filesIn(/\.h$/).map(changed), changed(fileURLToPath(import.meta.url)));
const objects = filesIn(/\.(cc|cu)$/).map((source) => {
  const object = path.join(folder, `${path.basename(source)}.o`);
  if (changed(object) < Math.max(changed(source), headers)) run(...options, '-c', '-o', object, '-x', 'c++', source);
  return object;
});
if (changed(target) < Math.max(...objects.map(changed))) run('-shared', '-o', target, ...objects);
console.log(target);
