// Compiles the kernels of packages/backend/cuda to PTX, which NVIDIA's driver compiles for its GPU, and writes
// packages/backend/src/cuda/kernels.generated.ts. It needs no GPU and no CUDA toolkit: NVRTC comes from PyPI through pip.
//
//     node tools/cuda-ptx.mjs            # after every change of a kernel
//     node tools/cuda-ptx.mjs --check    # fails if the committed file is not what the kernels compile to
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const environment = process.env;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'packages/backend/cuda');
const target = path.join(root, 'packages/backend/src/cuda/kernels.generated.ts');
const koffi = createRequire(path.join(root, 'packages/backend/package.json'))('koffi');

// An old NVRTC writes an old PTX, which more drivers can read: that of CUDA 12.0 needs driver 525 (December 2022).
const NVRTC = '12.0.140';
// Turing, the oldest that current drivers support. Drivers compile PTX for every later GPU.
const OPTIONS = ['--gpu-architecture=compute_75', '--std=c++17', '--extra-device-vectorization'];

/** The path of NVRTC's library, which pip fetches once. */
function findNvrtc() {
  const cache = path.join(root, 'node_modules/.cache', `nvrtc-${NVRTC}`);
  const library = path.join(cache, 'nvidia/cuda_nvrtc/lib/libnvrtc.so.12');
  if (existsSync(library)) return library;
  mkdirSync(cache, { recursive: true });
  const python = environment['PYTHON'] ?? 'python3';
  const run = (...words) => execFileSync(python, words, { stdio: ['ignore', 'inherit', 'inherit'] });
  run('-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', cache, `nvidia-cuda-nvrtc-cu12==${NVRTC}`);
  const wheel = readdirSync(cache).find((name) => name.endsWith('.whl'));
  run('-m', 'zipfile', '-e', path.join(cache, wheel), cache);
  return library;
}

/** A function from CUDA C to PTX. Throws what the compiler complains about. */
function loadCompiler(file) {
  const library = koffi.load(file);
  const create = library.func(
    'int nvrtcCreateProgram(_Out_ void** program, str source, str name, int headers, str* texts, str* names)',
  );
  const compile = library.func('int nvrtcCompileProgram(void* program, int count, str* options)');
  const destroy = library.func('int nvrtcDestroyProgram(void** program)');
  const read = (what) => {
    const size = library.func(`int nvrtcGet${what}Size(void* program, _Out_ size_t* bytes)`);
    const get = library.func(`int nvrtcGet${what}(void* program, _Out_ uint8_t* text)`);
    return (program) => {
      const bytes = [0];
      size(program, bytes);
      const text = Buffer.alloc(Number(bytes[0]));
      get(program, text);
      return text.toString('latin1').replace(/\0+$/, '');
    };
  };
  const [log, ptx] = [read('ProgramLog'), read('PTX')];
  return (name, headers) => {
    const program = [null];
    const texts = headers.map((header) => readFileSync(path.join(folder, header), 'utf8'));
    create(program, readFileSync(path.join(folder, name), 'utf8'), name, headers.length, texts, headers);
    const code = compile(program[0], OPTIONS.length, OPTIONS);
    const said = log(program[0]).trim();
    if (code !== 0 || said !== '') throw new Error(`${name}: ${said || `NVRTC error ${code}`}`);
    const text = ptx(program[0]);
    destroy(program);
    return text;
  };
}

const files = readdirSync(folder).sort();
const headers = files.filter((name) => name.endsWith('.h'));
const sources = files.filter((name) => name.endsWith('.cu'));
const compile = loadCompiler(findNvrtc());
const modules = sources.map((source) => [path.basename(source, '.cu'), compile(source, headers)]);

if (process.argv.includes('--check')) {
  const { KERNEL_MODULES } = await import(
    pathToFileURL(target.replace('/src/', '/dist/').replace(/\.ts$/, '.js')).href
  );
  const stale = modules.filter(([name, ptx]) => {
    const kept = KERNEL_MODULES[name]?.ptx;
    return kept === undefined || inflateRawSync(Buffer.from(kept, 'base64')).toString('latin1') !== ptx;
  });
  const names = [
    ...stale.map(([name]) => name),
    ...Object.keys(KERNEL_MODULES).filter((name) => !sources.includes(`${name}.cu`)),
  ];
  if (names.length > 0) {
    console.error(`Not what the kernels compile to: ${names.join(', ')}. Run: node tools/cuda-ptx.mjs`);
    process.exit(1);
  }
  console.log(`kernels.generated.ts is current: ${modules.length} modules`);
} else {
  const hash = createHash('sha256');
  for (const name of [...headers, ...sources]) hash.update(readFileSync(path.join(folder, name)));
  const entries = modules.map(([name, ptx]) => {
    const kernels = [...ptx.matchAll(/\.entry (\w+)/g)].map((match) => `      '${match[1]}',\n`);
    const packed = deflateRawSync(ptx, { level: 9 }).toString('base64');
    return `  ${name}: {\n    kernels: [\n${kernels.join('')}    ],\n    ptx: '${packed}',\n  },\n`;
  });
  writeFileSync(
    target,
    `// Made by tools/cuda-ptx.mjs from cuda/*.cu; do not edit.
/** SHA-256 of the sources. */
export const SOURCES_SHA256: string = '${hash.digest('hex')}';
/** The names of each module's kernels, and its PTX, deflated, in base64. */
export const KERNEL_MODULES: Readonly<Record<string, { readonly kernels: readonly string[]; readonly ptx: string }>> = {
${entries.join('')}};
`,
  );
  const bytes = modules.reduce((total, [, ptx]) => total + ptx.length, 0);
  console.log(`${modules.length} modules, ${bytes} bytes of PTX`);
}
