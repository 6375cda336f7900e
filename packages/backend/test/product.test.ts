import { registerWasmKernels } from '@sifaka/backend';
import { KERNELS_BASE64, RELAXED_KERNELS_BASE64 } from '@sifaka/backend/internal';
import { beforeAll, describe, expect, it } from 'vitest';

// The product kernel itself, in both compiled modules and in the test's own memory. The other tests run only one of the
// modules.
type Flag = 0 | 1;
interface Kernels {
  scratchBytes(): number;
  product(a: number, b: number, c: number, ...rest: number[]): void;
}

const MODULES = { KERNELS_BASE64, RELAXED_KERNELS_BASE64 } as const;

const TRANSPOSES: readonly (readonly [Flag, Flag])[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/**
 * `[batch, M, K, N]`: every tile height, both widths and the columns beside them, past each block's edge, vectors, no
 * terms.
 */
const SHAPES: readonly (readonly [number, number, number, number])[] = [
  ...Array.from({ length: 14 }, (_, m) => [1, m + 1, 5, 9] as const),
  ...Array.from({ length: 17 }, (_, n) => [1, 7, 6, n + 1] as const),
  [2, 1, 37, 50],
  [2, 50, 37, 1],
  [3, 2, 16, 24],
  [1, 100, 260, 12],
  [1, 97, 3, 261],
  [1, 20, 600, 3],
  [1, 20, 513, 7],
  [1, 20, 513, 266],
  [4, 5, 0, 6],
];

const PAGE = 65536;
const GUARD = 64;

describe.each(Object.entries(MODULES))('product in %s', (_, base64) => {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const floats = new Float32Array(memory.buffer);
  let kernels: Kernels;

  beforeAll(async () => {
    await registerWasmKernels(); // Node 20 compiles the second module only after this.
    const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  });

  function run(
    [batch, m, k, n]: (typeof SHAPES)[number],
    [transposeA, transposeB]: readonly [Flag, Flag],
    ranges: readonly (readonly [number, number])[],
  ) {
    const scratch = PAGE;
    const a = scratch + Math.ceil(kernels.scratchBytes() / 4) * 4;
    const b = a + 4 * batch * m * k;
    const bias = b + 4 * batch * k * n;
    const c = bias + 4 * n + GUARD;
    for (let i = 0; i < (c - a) / 4; i++) floats[a / 4 + i] = Math.fround(Math.sin(1.7 * i) + Math.cos(0.3 * i));
    floats.fill(7, c / 4 - GUARD / 4, c / 4 + batch * m * n + GUARD / 4);
    for (const [first, last] of ranges) {
      kernels.product(a, b, c, 4 * m * k, 4 * k * n, m, n, k, transposeA, transposeB, bias, first, last, scratch);
    }
    const read = (address: number, count: number) => floats.slice(address / 4, address / 4 + count);
    const around = [...read(c - GUARD, GUARD / 4), ...read(c + 4 * batch * m * n, GUARD / 4)];
    return {
      a: read(a, batch * m * k),
      b: read(b, batch * k * n),
      bias: read(bias, n),
      c: read(c, batch * m * n),
      around,
    };
  }

  describe.each(TRANSPOSES)('transposes %i %i', (transposeA, transposeB) => {
    it.each(SHAPES)('batch %i, M %i, K %i, N %i', (...shape) => {
      const [batch, m, k, n] = shape;
      const rows = batch * m;
      const whole = run(shape, [transposeA, transposeB], [[0, rows]]);
      const expected = new Float64Array(rows * n);
      for (let row = 0; row < rows; row++) {
        const [matrix, i] = [Math.floor(row / m), row % m];
        for (let j = 0; j < n; j++) {
          let sum = whole.bias[j]!;
          for (let l = 0; l < k; l++) {
            const x = whole.a[matrix * m * k + (transposeA ? l * m + i : i * k + l)]!;
            sum += x * whole.b[matrix * k * n + (transposeB ? j * k + l : l * n + j)]!;
          }
          expected[row * n + j] = sum;
        }
      }
      const error = whole.c.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      expect(error).toBeLessThan(1e-6 * (k + 10));
      expect(whole.around).toEqual(whole.around.map(() => 7));

      // A row has the same bits in every range: threads may share the rows in any way.
      const cut = Math.floor(rows * 0.37);
      const parts = run(
        shape,
        [transposeA, transposeB],
        [
          [cut, rows],
          [0, cut],
        ],
      );
      expect(parts.c).toEqual(whole.c);
      expect(parts.around).toEqual(whole.around);
    });
  });
});
