import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerWasmKernels } from '@sifaka/backend';
import { KERNELS_BASE64, RELAXED_KERNELS_BASE64 } from '@sifaka/backend/internal';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const committed = readFileSync(path.join(root, 'src/wasm/kernels.generated.ts'), 'utf8');

describe('kernels.generated.ts', () => {
  it('is what the compiler makes of assembly/ now', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-kernels-'));
    try {
      const fresh = path.join(folder, 'kernels.ts');
      execFileSync(process.execPath, ['assembly/compile.mjs', fresh], { cwd: root });
      expect(readFileSync(fresh, 'utf8')).toBe(committed);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(Object.entries({ KERNELS_BASE64, RELAXED_KERNELS_BASE64 }))(
    '%s has no data and no start code',
    async (_, base64) => {
      await registerWasmKernels(); // Node 20 compiles the second module only after this.
      const bytes = Buffer.from(base64, 'base64');
      const module = new WebAssembly.Module(bytes);
      // The memory belongs to the engine.
      expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
      expect(sections(bytes)).not.toContain(8); // start function
      expect(sections(bytes)).not.toContain(11); // data
    },
  );
});

/** The ids of a WebAssembly module's sections. */
function sections(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let at = 8;
  while (at < bytes.length) {
    ids.push(bytes[at++]!);
    let size = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = bytes[at++]!;
      size |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    at += size;
  }
  return ids;
}
