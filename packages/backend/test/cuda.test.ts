import { EngineError, examineEngines, explainEngineFailure, useEngine } from '@sifaka/backend';
import { type CudaBackend, Device } from '@sifaka/backend/internal';
import {
  add,
  backend,
  engine,
  fill,
  matMul,
  memory,
  mul,
  ones,
  reshape,
  setBackend,
  softmax,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  unsortedSegmentSum,
  zeros,
} from '@tensorflow/tfjs-core';
import koffi from 'koffi';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const MIB = 2 ** 20;
const SELECTED = process.env['SIFAKA_TEST_ENGINE'] === 'cuda';
const cuda = () => backend() as unknown as CudaBackend;

/** What tools/cuda-stand-in adds to the driver: errors, memory and devices as a test wants them. */
interface StandIn {
  fail(call: string, code: number, after: number): void;
  memory(bytes: number): void;
  devices(count: number, version: number): void;
  recover(): void;
}

// The second suite tests the engine without a driver.
if (SELECTED) {
  describe('the cuda engine', () => {
    let standIn: StandIn;
    beforeAll(() => {
      const library = koffi.load(process.env['SIFAKA_CUDA_DRIVER']!);
      standIn = {
        fail: library.func('void standInFail(str call, int code, int after)') as unknown as StandIn['fail'],
        memory: library.func('void standInMemory(uint64_t bytes)') as unknown as StandIn['memory'],
        devices: library.func('void standInDevices(int count, int version)') as unknown as StandIn['devices'],
        recover: library.func('void standInRecover()') as unknown as StandIn['recover'],
      };
    });
    afterEach(() => {
      standIn.fail('', 0, -1);
      standIn.memory(2048 * MIB);
      standIn.devices(1, 12000);
      standIn.recover();
    });

    it('reports the GPU and the driver', async () => {
      const report = await useEngine('cuda');
      expect(report).toMatchObject({ name: 'cuda', packageName: '@sifaka/backend', nativeVersion: 'CUDA 12.0' });
      expect(report.device).toBe('NVIDIA GPU (stand-in for a GPU)');
      expect(report.threads).toBe(0);
    });

    it('trains a step, which the doctor says', async () => {
      const [health] = await examineEngines(['cuda']);
      expect(health).toMatchObject({ name: 'cuda', works: true });
    });

    it('does not fall back: a kernel that it lacks is an error with its name', () => {
      expect(() => engine().runKernel('AvgPool', {}, {})).toThrow(/Kernel 'AvgPool' not registered for backend 'cuda'/);
    });

    it('reuses the memory of released tensors, so that steps do not grow', () => {
      const step = () => tidy(() => sum(softmax(matMul(ones([40, 30]), fill([30, 50], 0.1)))).dataSync());
      step();
      const before = cuda().allocator.statistics;
      for (let i = 0; i < 50; i++) step();
      expect(cuda().allocator.statistics).toEqual(before);
    });

    it('says in memory() what is used, was used and is kept', () => {
      const before = memory() as unknown as Record<string, number>;
      const x = zeros([1000]);
      const during = memory() as unknown as Record<string, number>;
      expect(during['numBytesInGPU']).toBe(before['numBytesInGPU']! + 4000);
      expect(during['numBytesInGPUPeak']).toBeGreaterThanOrEqual(during['numBytesInGPU']!);
      x.dispose();
      const after = memory() as unknown as Record<string, number>;
      expect(after['numBytesInGPU']).toBe(before['numBytesInGPU']);
      expect(after['numBytesInGPUKept']).toBeGreaterThanOrEqual(4000);
    });

    it('returns kept memory to the driver before it runs out', () => {
      cuda().allocator.returnKept();
      standIn.memory(cuda().allocator.statistics.used + 20 * MIB);
      for (const mib of [10, 9, 11, 12]) zeros([(mib * MIB) / 4]).dispose();
      cuda().allocator.returnKept();
    });

    it('says what was asked, held and free if memory runs out', () => {
      cuda().allocator.returnKept();
      standIn.memory(cuda().allocator.statistics.used + 20 * MIB);
      const held = zeros([(12 * MIB) / 4]);
      const attempt = () => zeros([(10 * MIB) / 4]);
      expect(attempt).toThrow(EngineError);
      expect(attempt).toThrow(
        /^Engine cuda: out of memory: asked for 10 MiB; this program holds 12 MiB; 8\.0 MiB of \d+(\.\d)? MiB are free\. Try: a smaller batch/,
      );
      held.dispose();
      cuda().allocator.returnKept();
    });

    it('turns an error of any call into one that names the call, the purpose and what helps', () => {
      const x = tensor1d(Float32Array.from({ length: 100 }, (_, i) => i));
      const calls: readonly (readonly [string, number, () => unknown])[] = [
        ['cuLaunchKernel', 719, () => tidy(() => add(x, x).dataSync())],
        ['cuMemcpyDtoHAsync_v2', 700, () => x.dataSync()],
        ['cuStreamSynchronize', 719, () => x.dataSync()],
        ['cuMemcpyHtoDAsync_v2', 700, () => tidy(() => tensor1d(new Float32Array(100)).dataSync())],
        ['cuMemsetD32Async', 1, () => tidy(() => fill([100], 1).dataSync())],
      ];
      for (const [call, code, run] of calls) {
        standIn.fail(call, code, 0);
        let error: unknown;
        try {
          run();
        } catch (caught) {
          error = caught;
        }
        expect(EngineError.isInstance(error), call).toBe(true);
        expect((error as EngineError).reason).toMatch(new RegExp(`^[a-z].*: ${call} returned CUDA_ERROR_[A-Z_]+ \\(`));
        expect((error as EngineError).command).toMatch(/./);
        expect(explainEngineFailure(error)).toBe(error);
      }
      x.dispose();
    });

    it('explains a start that fails', async () => {
      const attempt = async () => {
        const error = await Device.start().catch((caught: unknown) => caught);
        expect(EngineError.isInstance(error)).toBe(true);
        return (error as EngineError).message;
      };
      vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
      standIn.fail('cuInit', 100, 0);
      expect(await attempt()).toMatch(/cuInit returned CUDA_ERROR_NO_DEVICE.*CUDA_VISIBLE_DEVICES must name one/);
      vi.unstubAllEnvs();
      standIn.devices(0, 12000);
      expect(await attempt()).toMatch(/CUDA_ERROR_NO_DEVICE/);
      standIn.devices(1, 11080);
      expect(await attempt()).toMatch(/the NVIDIA driver is too old: it supports CUDA 11\.8.* a driver of version 525/);
      standIn.devices(1, 12000);
      for (const call of ['cuDeviceGet', 'cuDevicePrimaryCtxRetain', 'cuCtxSetCurrent', 'cuStreamCreate']) {
        standIn.fail(call, 101, 0);
        expect(await attempt()).toMatch(new RegExp(`${call} returned CUDA_ERROR_INVALID_DEVICE`));
      }
    });

    it('refuses tensors that it cannot hold', () => {
      expect(() => zeros([2 ** 16, 2 ** 16])).toThrow(/expected a tensor of at most 2³¹ − 1 values, got 4294967296/);
    });

    it('sums segments in the order of their rows, whatever else runs', () => {
      const values = Float32Array.from({ length: 64 * 40 }, (_, i) => Math.sin(i) * 10 ** (i % 7));
      const once = () =>
        tidy(() => {
          const rows = reshape(tensor1d(values), [64, 40]);
          const ids = tensor1d(
            Int32Array.from({ length: 64 }, (_, i) => (i * i) % 5),
            'int32',
          );
          return unsortedSegmentSum(rows, ids, 5).dataSync();
        });
      expect(once()).toEqual(once());
    });

    it('keeps a tensor that moves from another engine and back', async () => {
      await setBackend('wasm').catch(() => undefined);
      const x: Tensor = tidy(() => mul(tensor1d([1, 2, 3]), 2));
      await setBackend('cuda');
      expect(tidy(() => [...add(x, 1).dataSync()])).toEqual([3, 5, 7]);
      x.dispose();
    });
  });
} else {
  describe('the cuda engine without a driver', () => {
    it('says so, and what helps', async () => {
      vi.stubEnv('SIFAKA_CUDA_DRIVER', '/nowhere/libcuda.so.1');
      const error = (await useEngine('cuda').catch((caught: unknown) => caught)) as EngineError;
      vi.unstubAllEnvs();
      expect(EngineError.isInstance(error)).toBe(true);
      expect(error.message).toMatch(/^Engine cuda: no NVIDIA driver runs here \([^\n]+\)\. Try: nvidia-smi/);
    });

    it('is not part of auto', async () => {
      const { passedOver } = await useEngine('auto');
      expect(passedOver.map(({ name }) => name)).not.toContain('cuda');
      await useEngine('wasm');
    });
  });
}
