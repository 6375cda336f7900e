import { type KernelConfig, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WebGpuBackend, WebGpuProgram } from '../webgpu-backend.js';

const WORKGROUP = 64;

/** `exp` of NaN is NaN. WGSL leaves that open, and a run that has diverged should show it. */
export const expKernel: KernelConfig = unaryKernel(
  'Exp',
  `
    if (isnan(a)) { return a; }
    return exp(a);
  `,
);

/**
 * `log1p`, near 0 by the series of `2 artanh(s)`. WGSL allows `log` an absolute error of 2⁻²¹ there, more than a small
 * result itself.
 */
export const log1pKernel: KernelConfig = unaryKernel(
  'Log1p',
  `
    if (isnan(a)) { return a; }
    if (a < -1.0) { return uniforms.NAN; }
    if (a == -1.0) { return -uniforms.INFINITY; }
    if (a < -0.4 || a > 0.7) { return log(1.0 + a); }
    let s = a / (2.0 + a);
    let t = s * s;
    return 2.0 * s * (1.0 + t * (1.0 / 3.0 + t * (0.2 + t * (1.0 / 7.0 + t * (1.0 / 9.0 + t / 11.0)))));
  `,
);

/** `sigmoid` of NaN is NaN, as for {@link expKernel}. No sign of the argument overflows. */
export const sigmoidKernel: KernelConfig = unaryKernel(
  'Sigmoid',
  `
    if (isnan(a)) { return a; }
    if (a >= 0.0) { return 1.0 / (1.0 + exp(-a)); }
    let e = exp(a);
    return e / (1.0 + e);
  `,
);

/** @param body WGSL of `f(a : f32) -> f32`. */
function unaryKernel(kernelName: string, body: string): KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend }) => {
      const { x } = inputs as { x: TensorInfo };
      const size = util.sizeFromShape(x.shape);
      const program = new UnaryProgram(kernelName, body, size);
      const flat = { ...x, shape: [size] };
      const result = (backend as WebGpuBackend).runWebGPUProgram(program, [flat], 'float32', [
        { type: 'int32', data: [size] },
      ]);
      return { ...result, shape: x.shape };
    },
  };
}

class UnaryProgram implements WebGpuProgram {
  readonly outputShape: number[];
  readonly variableNames: readonly string[] = ['x'];
  readonly uniforms = 'count : i32, ';
  readonly workgroupSize: readonly [number, number, number] = [WORKGROUP, 1, 1];
  readonly dispatchLayout: { readonly x: readonly number[] } = { x: [0] };
  dispatch: [number, number, number];
  shaderKey: string;
  readonly #body: string;

  constructor(kernelName: string, body: string, size: number) {
    this.outputShape = [size];
    this.dispatch = [Math.ceil(size / WORKGROUP), 1, 1];
    this.shaderKey = `sifaka${kernelName}`;
    this.#body = body;
  }

  getUserCode(): string {
    return `
      fn f(a : f32) -> f32 {
        ${this.#body}
      }
      fn main(index : i32) {
        if (index < uniforms.count) { result[index] = f(f32(x[index])); }
      }
    `;
  }
}
