import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError, examineEngines, explainEngineFailure, formatHealth, useEngine } from '@sifaka/backend';
import {
  backend,
  cast,
  dispose,
  env,
  exp,
  fill,
  gather,
  grad,
  greater,
  log1p,
  matMul,
  max,
  mean,
  ones,
  relu,
  softmax,
  sum,
  type Tensor,
  tensor,
  tensor1d,
  tidy,
  topk,
  unsortedSegmentSum,
  zeros,
} from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const SELECTED = process.env['SIFAKA_TEST_ENGINE'] === 'webgpu';
const device = () => (backend() as unknown as { device: GPUDevice }).device;

/** Runs a program on the built package in its own process. Needs `npm run build`. */
function run(program: string, variables: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, ...variables },
    encoding: 'utf8',
  });
}

// The second suite tests the engine without its packages.
if (SELECTED) {
  describe('the webgpu engine', () => {
    // Otherwise small tensors that were never on the GPU are computed in JavaScript, without a shader.
    beforeAll(() => env().set('WEBGPU_CPU_FORWARD', false));
    afterAll(() => env().set('WEBGPU_CPU_FORWARD', true));

    it('reports the adapter and the packages', async () => {
      const report = await useEngine('webgpu');
      expect(report).toMatchObject({
        name: 'webgpu',
        packageName: '@tensorflow/tfjs-backend-webgpu',
        version: '4.22.0',
      });
      expect(report.nativeVersion).toMatch(/^webgpu 0\.\d+\.\d+ \(Dawn\)$/);
      expect(report.device).toMatch(/^(GPU|CPU that emulates a GPU) \(.+\)$/);
    });

    it('leaves Node without a navigator.gpu', () => {
      expect(globalThis.navigator === undefined || !('gpu' in globalThis.navigator)).toBe(true);
    });

    it('is passed over by auto if its adapter is a CPU, with a reason', async () => {
      const { device, passedOver, name } = { ...(await useEngine('webgpu')), ...(await useEngine('auto')) };
      const reason = passedOver.find((engine) => engine.name === 'webgpu')?.reason;
      if (name === 'webgpu') expect(device).toMatch(/^GPU/);
      else expect(reason).toMatch(/^the only adapter is a CPU that emulates a GPU \(.+\), slower than wasm$/);
      await useEngine('webgpu');
    });

    it('takes part in the doctor', async () => {
      const [webgpu, wasm] = await examineEngines(['webgpu', 'wasm']);
      if (!webgpu?.works || !wasm?.works) throw new Error(formatHealth([webgpu!, wasm!]));
      expect(webgpu.loss.before).toBeCloseTo(wasm.loss.before, 5);
      expect(webgpu.loss.after).toBeCloseTo(wasm.loss.after, 5);
      await useEngine('webgpu');
    });

    describe('reading a tensor', () => {
      it('synchronously and asynchronously gives the same, in every type', async () => {
        const tensors = tidy(() => {
          const a = matMul(ones([30, 20]), fill([20, 7], 0.5)); // [30, 7] of 10
          return [a, cast(a, 'int32'), greater(a, 5), sum(a), relu(zeros([0, 3]))];
        });
        for (const [read, values] of [
          [tensors[0]!, Array<number>(210).fill(10)],
          [tensors[1]!, Array<number>(210).fill(10)],
          [tensors[2]!, Array<number>(210).fill(1)],
          [tensors[3]!, [2100]],
          [tensors[4]!, []],
        ] as const) {
          const copy = read.clone();
          expect([...(await copy.data())]).toEqual(values);
          expect([...read.dataSync()]).toEqual(values);
          copy.dispose();
        }
        dispose(tensors);
      });

      it('synchronously works while another read is pending', async () => {
        const a = ones([64, 64]);
        const b = matMul(a, a);
        const c = matMul(b, a);
        const later = c.data();
        expect(b.dataSync()[0]).toBe(64);
        expect((await later)[0]).toBe(4096);
        dispose([a, b, c]);
      });

      it('works synchronously a thousand times in a row', () => {
        const a = ones([4]);
        for (let i = 0; i < 1000; i++) {
          const total = sum(a);
          expect(total.dataSync()[0]).toBe(4);
          total.dispose();
        }
        a.dispose();
      });
    });

    describe('UnsortedSegmentSum', () => {
      const add = (rows: Tensor, ids: number[], segments: number) =>
        unsortedSegmentSum(rows, tensor1d(ids, 'int32'), segments);

      it('adds the rows of each segment, drops ids outside, and leaves segments without rows at 0', () => {
        tidy(() => {
          const rows = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 2]);
          expect(add(rows, [2, 0, 2, -1, 3], 3)).toBeAllClose(tensor([3, 4, 0, 0, 6, 8], [3, 2]));
          expect(add(tensor1d([1, 2, 3], 'int32'), [1, 1, 0], 2)).toBeAllClose([3, 3]);
          expect(add(tensor([1, 2, 3, 4], [2, 1, 2]), [1, 1], 2)).toBeAllClose(tensor([0, 0, 4, 6], [2, 1, 2]));
          expect(add(zeros([0, 2]), [], 2)).toBeAllClose(tensor([0, 0, 0, 0], [2, 2]));
        });
      });

      it('is right for more rows and segments than threads, and the same to the last digit each time', () => {
        const ids = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 500);
        const rows = Float32Array.from({ length: 3000 * 20 }, (_, i) => Math.sin(i));
        const expected = new Float64Array(500 * 20);
        for (let i = 0; i < rows.length; i++) {
          const cell = ids[Math.floor(i / 20)]! * 20 + (i % 20);
          expected[cell] = expected[cell]! + rows[i]!;
        }
        tidy(() => {
          const first = add(tensor(rows, [3000, 20]), ids, 500);
          expect(first).toBeAllClose(expected, { atol: 1e-5 });
          expect(add(tensor(rows, [3000, 20]), ids, 500).dataSync()).toEqual(first.dataSync());
        });
      });

      it('is the gradient of gather', () => {
        tidy(() => {
          const slope = grad((table: Tensor) => sum(gather(table, tensor1d([3, 1, 3], 'int32'))));
          expect(slope(ones([4, 2]))).toBeAllClose(tensor([0, 0, 1, 1, 0, 0, 2, 2], [4, 2]));
        });
      });
    });

    it('gives the largest of rows of one entry, and none for k = 0', () => {
      const column = tensor([3, 1, 2], [3, 1]);
      tidy(() => {
        const { values, indices } = topk(column, 1);
        expect(values).toBeAllClose(tensor([3, 1, 2], [3, 1]));
        expect(indices).toBeAllClose(tensor([0, 0, 0], [3, 1]));
        values.dispose();
        expect(topk(column, 0).values.shape).toEqual([3, 0]);
      });
      expect(column).toBeAllClose([3, 1, 2]);
      expect(column.shape).toEqual([3, 1]);
      column.dispose();
    });

    it('log1p keeps small results exact, and its limits', () => {
      const x = [1e-8, -1e-8, 1e-3, -0.39, -0.41, 0.69, 0.71, 5, -1, -2];
      tidy(() => {
        expect(log1p(tensor1d(x))).toBeAllClose(x.map(Math.log1p), { atol: 0, rtol: 2e-6 });
      });
    });

    it('exp shows a NaN', () => {
      tidy(() => {
        expect(exp(tensor1d([Number.NaN, 0, -200, 1]))).toBeAllClose([Number.NaN, 1, 0, Math.E]);
      });
    });

    it('reduces what is empty', () => {
      tidy(() => {
        expect(sum(zeros([0, 3]), 0)).toBeAllClose([0, 0, 0]);
        expect(sum(zeros([2, 0]), 1, true).shape).toEqual([2, 1]);
        expect(mean(zeros([0]))).toBeAllClose([Number.NaN]);
        expect(max(zeros([2, 0]), 1)).toBeAllClose([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
        expect(softmax(zeros([2, 0])).shape).toEqual([2, 0]);
        expect(topk(zeros([0, 3]), 2).indices.shape).toEqual([0, 2]);
        expect(matMul(zeros([2, 0]), zeros([0, 2]))).toBeAllClose(zeros([2, 2]));
      });
    });

    it('lets a program end by itself, after its garbage is collected', () => {
      const program = `
      import { useEngine } from '@sifaka/backend';
      import { ones, matMul, sum, train, variable } from '@tensorflow/tfjs-core';
      await useEngine('webgpu');
      const weight = variable(ones([4, 4]));
      for (let step = 0; step < 3; step++) train.sgd(0.01).minimize(() => sum(matMul(weight, weight)));
      for (let turn = 0; turn < 20; turn++) { gc(); await new Promise((resolve) => setTimeout(resolve, 2)); }
      console.log((await weight.data()).length);
    `;
      expect(run(program)).toMatchObject({ status: 0, stdout: '16\n', stderr: '' });
    });

    it('says that there is no driver', () => {
      const program = `
      import { useEngine } from '@sifaka/backend';
      await useEngine('webgpu').catch(({ message }) => console.log(message));
    `;
      const message = 'Engine webgpu: no Vulkan driver is installed. Try: apt-get install mesa-vulkan-drivers\n';
      if (process.platform === 'linux') {
        const found = run(program, { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' });
        expect(found).toMatchObject({ status: 0, stdout: message });
      }
    });

    describe('when the GPU fails', () => {
      const thrownBy = (work: () => unknown): EngineError => {
        try {
          tidy(() => {
            work();
          });
        } catch (error) {
          if (EngineError.isInstance(error)) return error;
          throw error;
        }
        throw new Error('expected an EngineError');
      };

      it('reports a tensor that is too large, and goes on', () => {
        const most = Math.min(device().limits.maxBufferSize, device().limits.maxStorageBufferBindingSize);
        expect(thrownBy(() => fill([most / 4 + 4], 1)).message).toMatch(
          /^Engine webgpu: expected at most \d+ MiB in one tensor, got \d+\. Try: a smaller batch/,
        );
        tidy(() => {
          expect(sum(ones([10]))).toBeAllClose([10]);
        });
      });

      // SwiftShader has no buffer of a gigabyte. A real GPU's memory is not filled for a test.
      if (/swiftshader/i.test(process.env['VK_ICD_FILENAMES'] ?? '')) {
        it('reports missing memory, and goes on', () => {
          expect(thrownBy(() => fill([2 ** 28], 1)).message).toMatch(
            /^Engine webgpu: the GPU is out of memory \(needs 1024 MiB more, holds \d+ MiB\)\. Try: a smaller batch/,
          );
          tidy(() => {
            expect(sum(ones([10]))).toBeAllClose([10]);
          });
        });
      }

      it('is lost: each operation and read reports it, and then the engine starts again', async () => {
        const a = ones([30, 30]);
        const b = matMul(a, a);
        device().destroy();
        const message =
          /^Engine webgpu: the GPU was lost \(.+\): its tensors are gone\. Try: await useEngine\('webgpu'\)/;
        expect(thrownBy(() => b.dataSync()).message).toMatch(message);
        expect(thrownBy(() => matMul(a, a)).message).toMatch(message);
        await expect(b.data()).rejects.toThrow(message);
        expect(explainEngineFailure(thrownBy(() => matMul(a, a)))?.reason).toMatch(/^the GPU was lost/);
        dispose([a, b]);

        await useEngine('webgpu');
        tidy(() => {
          expect(sum(matMul(ones([3, 3]), ones([3, 3])))).toBeAllClose([27]);
        });
      });

      it('is lost while a read waits: the read fails and does not hang', async () => {
        const a = ones([30, 30]);
        const b = matMul(a, a);
        const read = b.data();
        device().destroy();
        await expect(read).rejects.toThrow(/the GPU was lost/);
        await useEngine('webgpu');
        dispose([a, b]);
      });
    });
  });
} else {
  describe('the webgpu engine without its packages', () => {
    // The user may have installed engines.
    beforeAll(() => {
      vi.stubEnv('SIFAKA_HOME', path.join(tmpdir(), 'sifaka-no-engines-here'));
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });

    it('is an error if it is named, with the command that installs them', async () => {
      await expect(useEngine('webgpu')).rejects.toThrow(
        'Engine webgpu: the package webgpu is not installed. Try: npx @sifaka/backend install webgpu',
      );
    });

    it('is passed over by auto', async () => {
      const { passedOver } = await useEngine('auto');
      expect(passedOver.find(({ name }) => name === 'webgpu')).toEqual({
        name: 'webgpu',
        reason: 'the package webgpu is not installed',
        command: 'npx @sifaka/backend install webgpu',
      });
      await useEngine('wasm');
    });
  });
}
