import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

// The stand-in of libcuda must find the faults that it exists for. tools/cuda-stand-in/faults.cu has them.

const FILE = process.env['SIFAKA_CUDA_DRIVER'];
const SIZE = 64;

/** The faulty kernels, and what the stand-in says about them. */
const FAULTS: readonly (readonly [kernel: string, text: RegExp])[] = [
  ['fault_reads_past_the_end', /thread \(63, 0, 0\): uses bytes 256 to 260 of an allocation of 256$/],
  ['fault_writes_before_the_start', /thread \(32, 0, 0\): uses bytes -4 to 0 of an allocation of 256$/],
  ['fault_waits_without_fibers', /a barrier in a kernel that is not a COOPERATIVE_KERNEL/],
  ['fault_no_barrier', /reads values\[\d+\], which nothing has written/],
  ['fault_no_second_barrier', /(reads|writes) values\[\d+\], which thread \d+ (reads|writes).*: a barrier is missing/],
  ['fault_not_all_threads_wait', /a barrier that not all threads reach/],
  ['fault_not_all_lanes_meet', /the lanes of a warp do not meet/],
  ['fault_reads_what_is_not_written', /thread \(0, 0, 0\): reads values\[0\], which nothing has written/],
  ['fault_shared_memory_is_too_small', /uses values\[\d+\], which has 16 values/],
];

/** Calls the stand-in directly. The engine has no kernels with faults. */
class StandIn {
  readonly #library = koffi.load(FILE!);
  readonly allocate = this.#library.func('int cuMemAlloc_v2(_Out_ uint64_t* address, size_t bytes)');
  readonly free = this.#library.func('int cuMemFree_v2(uint64_t address)');
  readonly upload = this.#library.func(
    'int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream)',
  );
  readonly recover = this.#library.func('void standInRecover()');
  readonly #find = this.#library.func('int cuModuleGetFunction(_Out_ void** kernel, void* module, str name)');
  readonly #launch = this.#library.func(
    'int cuLaunchKernel(void* kernel, uint x, uint y, uint z, uint threads, uint ty, uint tz, uint shared, void* stream, ' +
      'void* parameters, void* extra)',
  );
  readonly #synchronize = this.#library.func('int cuStreamSynchronize(void* stream)');
  readonly #text = this.#library.func('int cuGetErrorString(int code, _Out_ str* text)');

  /** Runs a kernel on `size` values. @returns what the driver says afterwards; empty if nothing. */
  run(name: string, x: number, out: number, size = SIZE): string {
    const kernel = [null];
    expect(this.#find(kernel, null, name)).toBe(0);
    const values = new DataView(new ArrayBuffer(24));
    values.setBigUint64(0, BigInt(x), true);
    values.setBigUint64(8, BigInt(out), true);
    values.setUint32(16, size, true);
    const bytes = BigUint64Array.of(24n);
    const extra = BigUint64Array.of(1n, koffi.address(values), 2n, koffi.address(bytes), 0n);
    this.#launch(kernel[0], 1, 1, 1, size, 1, 1, 0, null, null, extra);
    const code = this.#synchronize(null) as number;
    if (code === 0) return '';
    const text: [string] = [''];
    this.#text(code, text);
    return text[0];
  }
}

// It needs a C++ compiler: `node tools/cuda-stand-in/build.mjs` prints the path for SIFAKA_CUDA_DRIVER.
if (process.env['SIFAKA_TEST_ENGINE'] === 'cuda') {
  describe('the stand-in of libcuda', () => {
    let standIn: StandIn;
    let [x, out] = [0, 0];
    beforeAll(() => {
      standIn = new StandIn();
      const address = [0];
      standIn.allocate(address, 4 * SIZE);
      x = Number(address[0]);
      standIn.allocate(address, 4 * SIZE);
      out = Number(address[0]);
      standIn.upload(x, new Float32Array(SIZE), 4 * SIZE, null);
      return () => {
        standIn.free(x);
        standIn.free(out);
      };
    });
    afterEach(() => standIn.recover());

    it('runs a kernel without a fault', () => {
      expect(standIn.run('fault_none', x, out)).toBe('');
    });

    it.each(FAULTS)('finds %s', (name, text) => {
      expect(standIn.run(name, x, out)).toMatch(text);
    });

    it('finds memory that was never allocated, and memory that was freed', () => {
      expect(standIn.run('fault_none', 0, out)).toMatch(/uses address 0.*, which is not allocated$/);
      standIn.recover();
      const address = [0];
      standIn.allocate(address, 4 * SIZE);
      standIn.free(address[0]);
      expect(standIn.run('fault_none', Number(address[0]), out)).toMatch(/, which is not allocated$/);
    });

    it('fails every call after a fault, as a GPU does', () => {
      expect(standIn.run('fault_reads_past_the_end', x, out)).not.toBe('');
      expect(standIn.allocate([0], 4)).toBe(700); // CUDA_ERROR_ILLEGAL_ADDRESS
    });
  });
}

describe('faults.cu', () => {
  it('has the kernels that the tests above run', () => {
    const source = readFileSync(new URL('../../../tools/cuda-stand-in/faults.cu', import.meta.url), 'utf8');
    const kernels = Array.from(source.matchAll(/KERNEL\((fault_\w+)/g), ([, name]) => name);
    expect(kernels).toEqual(['fault_none', ...FAULTS.map(([name]) => name)]);
  });
});
