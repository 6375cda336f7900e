import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { KERNEL_MODULES, SOURCES_SHA256 } from '@sifaka/backend/internal';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../cuda/', import.meta.url));
const files = readdirSync(folder).sort();

// `node tools/cuda-ptx.mjs --check` compiles the kernels again and compares; it needs PyPI.
describe('cuda/kernels.generated.ts', () => {
  it('was made from the kernels that are in cuda/ now', () => {
    const hash = createHash('sha256');
    for (const ending of ['.h', '.cu']) {
      for (const name of files.filter((each) => each.endsWith(ending))) hash.update(readFileSync(folder + name));
    }
    expect(SOURCES_SHA256, 'run: node tools/cuda-ptx.mjs').toBe(hash.digest('hex'));
  });

  it('has PTX for Turing and later GPUs, with every kernel', () => {
    expect(Object.keys(KERNEL_MODULES)).toEqual(files.flatMap((name) => /^(\w+)\.cu$/.exec(name)?.[1] ?? []));
    for (const { kernels, ptx } of Object.values(KERNEL_MODULES)) {
      const text = inflateRawSync(Buffer.from(ptx, 'base64')).toString('latin1');
      expect(text).toMatch(/^\.version 8\.0$/m); // Drivers since 525 read it.
      expect(text).toMatch(/^\.target sm_75$/m);
      expect(Array.from(text.matchAll(/\.entry (\w+)/g), ([, name]) => name)).toEqual(kernels);
    }
  });

  it('gives every kernel a name of its own', () => {
    const names = Object.values(KERNEL_MODULES).flatMap(({ kernels }) => kernels);
    expect(new Set(names).size).toBe(names.length);
  });
});
