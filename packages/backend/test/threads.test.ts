import { KERNELS_BASE64, ThreadPool, threadCount, withSharedMemory } from '@sifaka/backend/internal';
import { matMul, randomNormal, tidy } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

const M = 301;
const K = 70;
const N = 45;
const ROWS_OF_A_CHUNK = 7;

const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
const floats = new Float32Array(memory.buffer);
const module = new WebAssembly.Module(withSharedMemory(Buffer.from(KERNELS_BASE64, 'base64')));
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
const scratchBytes = (exports['scratchBytes'] as () => number)();

const A = 65536;
const B = A + 4 * M * K;
const C = B + 4 * K * N;
const SCRATCH = C + 4 * M * N;
const GIVEN = [A, B, C, 0, 0, M, N, K, 0, 0, 0];

let pool: ThreadPool | undefined;
const start = (threads: number): ThreadPool => {
  const scratches = Array.from({ length: threads }, (_, thread) => SCRATCH + thread * scratchBytes);
  pool = new ThreadPool({ module, memory, exports, kernels: ['product'], scratches });
  return pool;
};
/** Gives every thread the time to start. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 200));

/** Computes the product into a C without old values. */
const product = (threads: ThreadPool) => {
  floats.fill(Number.NaN, C / 4, C / 4 + M * N);
  threads.parallelRows('product', M, ROWS_OF_A_CHUNK, GIVEN);
  return floats.slice(C / 4, C / 4 + M * N);
};

let expected: Float32Array;
beforeAll(() => {
  for (let i = A / 4; i < C / 4; i++) floats[i] = Math.fround(Math.sin(1.3 * i));
  (exports['product'] as (...given: number[]) => void)(...GIVEN, 0, M, SCRATCH);
  expected = floats.slice(C / 4, C / 4 + M * N);
});

afterEach(async () => {
  await pool?.dispose();
  pool = undefined;
});

describe('ThreadPool', () => {
  it.each([1, 2, 3, 5])('%i threads compute the same bits as one call, time after time', async (threads) => {
    const pool = start(threads);
    expect(product(pool)).toEqual(expected); // before any other thread has started
    await settle();
    for (let round = 0; round < 200; round++) {
      const result = product(pool);
      if (result.some((value, i) => value !== expected[i])) expect(result).toEqual(expected);
    }
  });

  it('keeps computing when its other threads are gone', async () => {
    const pool = start(3);
    await settle();
    await pool.dispose();
    expect(product(pool)).toEqual(expected);
  });

  it('reports that a kernel trapped, and keeps working', async () => {
    const pool = start(2);
    await settle();
    const beyond = 2 ** 32 - 64;
    const given = [beyond, ...GIVEN.slice(1)];
    expect(() => pool.parallelRows('product', M, ROWS_OF_A_CHUNK, given)).toThrow('product on wasm: a thread trapped');
    expect(product(pool)).toEqual(expected);
  });
});

describe('withSharedMemory', () => {
  const EMPTY = [0, 97, 115, 109, 1, 0, 0, 0];

  it('expects a memory with a maximum', () => {
    expect(() => withSharedMemory(Uint8Array.from(EMPTY))).toThrow(
      'expected a module with a memory that has a maximum',
    );
    const unbounded = [...EMPTY, 5, 3, 1, 0, 1];
    expect(() => withSharedMemory(Uint8Array.from(unbounded))).toThrow('got limits 0');
  });

  it('changes one byte', () => {
    const bounded = [...EMPTY, 5, 4, 1, 1, 1, 2];
    expect([...withSharedMemory(Uint8Array.from(bounded))]).toEqual([...EMPTY, 5, 4, 1, 3, 1, 2]);
    expect(bounded[11]).toBe(1);
  });
});

describe('the wasm engine in threads', () => {
  it('returns copies, not views of the memory that threads share', () => {
    tidy(() => {
      const x = randomNormal([200, 200], 0, 1, 'float32', 1);
      expect(matMul(x, x).dataSync().buffer).toBeInstanceOf(ArrayBuffer);
    });
  });
});

describe('threadCount', () => {
  const given = process.env['SIFAKA_THREADS'];
  afterEach(() => {
    if (given === undefined) delete process.env['SIFAKA_THREADS'];
    else process.env['SIFAKA_THREADS'] = given;
  });

  it('is SIFAKA_THREADS, or what the process may use', () => {
    process.env['SIFAKA_THREADS'] = '3';
    expect(threadCount()).toBe(3);
    delete process.env['SIFAKA_THREADS'];
    expect(threadCount()).toBeGreaterThanOrEqual(1);
  });

  it.each(['0', '-1', '1.5', 'all'])('refuses %s', (value) => {
    process.env['SIFAKA_THREADS'] = value;
    expect(() => threadCount()).toThrow(`expected SIFAKA_THREADS to be a whole number from 1, got ${value}`);
  });
});
