import {
  assertShape,
  collectParameters,
  countParameters,
  disposeParameters,
  exportParameters,
  importParameters,
  LayerNorm,
  Linear,
  type Module,
  namedModules,
  parameter,
  readSafetensors,
  type SafetensorsEntry,
  ShapeError,
  writeSafetensors,
} from '@sifaka/nn';
import { ones, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const makeLinear = (seed: number): Linear => new Linear({ inputDim: 2, outputDim: 3, seed });

describe('collectParameters', () => {
  it('names variables by path, numbers lists and skips undefined entries', () => {
    const token = parameter(() => zeros([5]));
    const parameters = collectParameters({
      token,
      absent: undefined,
      norm: new LayerNorm({ dim: 2 }),
      layers: [makeLinear(1), new Linear({ inputDim: 1, outputDim: 1, seed: 2, bias: false })],
    });
    expect([...parameters.keys()]).toEqual([
      'token',
      'norm.scale',
      'norm.shift',
      'layers.0.weight',
      'layers.0.bias',
      'layers.1.weight',
    ]);
    expect(parameters.get('token')).toBe(token);
    expect(countParameters(parameters)).toBe(5 + 2 + 2 + 6 + 3 + 1);
    disposeParameters(parameters);
    disposeParameters(parameters);
    expect(token.isDisposed).toBe(true);
  });
});

describe('namedModules', () => {
  it('finds all modules inside by path, and the module itself by the empty path', () => {
    const [norm, first, second] = [new LayerNorm({ dim: 2 }), makeLinear(1), makeLinear(2)];
    const inner = { parameters: collectParameters({ linear: second }), dispose: () => {} };
    const token = parameter(() => zeros([5]));
    const outer = { parameters: collectParameters({ norm, token, layers: [first, inner] }), dispose: () => {} };
    expect(namedModules(outer)).toEqual(
      new Map<string, Module>([
        ['', outer],
        ['norm', norm],
        ['layers.0', first],
        ['layers.1', inner],
        ['layers.1.linear', second],
      ]),
    );
    disposeParameters(outer.parameters);
  });
});

describe('exportParameters and importParameters', () => {
  it('copy a model to another through a file', () => {
    const [from, to] = [makeLinear(1), makeLinear(2)];
    importParameters(to.parameters, readSafetensors(writeSafetensors(exportParameters(from.parameters))).tensors);
    expect(to.weight).toBeAllClose(from.weight, { atol: 0, rtol: 0 });
    from.dispose();
    to.dispose();
  });

  it('export copies, which later training does not change', () => {
    const linear = makeLinear(1);
    const { data } = exportParameters(linear.parameters).get('bias')!;
    const changed = ones([3]);
    linear.bias!.assign(changed);
    changed.dispose();
    expect([...data]).toEqual([0, 0, 0]);
    linear.dispose();
  });

  it('name a path that is missing or has another shape or type, and change nothing', () => {
    const linear = makeLinear(1);
    const before = exportParameters(linear.parameters);
    const load = (bias?: SafetensorsEntry) => () => {
      const weight: SafetensorsEntry = { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) };
      importParameters(linear.parameters, new Map([['weight', weight], ...(bias ? [['bias', bias] as const] : [])]));
    };
    expect(load()).toThrow('importParameters: expected a weight named bias, got none');
    expect(load({ dtype: 'F32', shape: [4], data: new Float32Array(4) })).toThrow(
      'importParameters: bias: expected [3], got [4]',
    );
    expect(load({ dtype: 'I32', shape: [3], data: new Int32Array(3) })).toThrow(
      'importParameters: bias: expected F32, got I32',
    );
    expect(exportParameters(linear.parameters)).toEqual(before);
    linear.dispose();
  });
});

describe('assertShape', () => {
  it('reads a number as an exact size and a letter as one size throughout', () => {
    const x = zeros([2, 3, 2]);
    assertShape('f: x', x, ['B', 3, 'B']);
    assertShape('f: x', x, ['B', 'S', 2]);
    expect(() => assertShape('f: x', x, ['B', 'B', 2])).toThrow('f: x: expected [B, B, 2], got [2, 3, 2]');
    expect(() => assertShape('f: x', x, [2, 3])).toThrow('f: x: expected [2, 3], got [2, 3, 2]');
    x.dispose();
    expect(() => assertShape('f: x', x, [2, 3, 2])).toThrow('f: x: expected a live tensor, got one that was disposed');
  });

  it('throws an error with fields, recognised by other copies of the package', () => {
    const error = new ShapeError('f: x', '[B, 2]', [3]);
    expect(error).toMatchObject({ name: 'ShapeError', where: 'f: x', expected: '[B, 2]', got: [3] });
    expect(ShapeError.isInstance(error)).toBe(true);
    const foreign = Object.assign(new Error(''), { [Symbol.for('@sifaka/nn/ShapeError')]: true });
    expect(ShapeError.isInstance(foreign)).toBe(true);
    expect(ShapeError.isInstance(new Error(error.message))).toBe(false);
    expect(ShapeError.isInstance({ name: 'ShapeError' })).toBe(false);
  });
});
