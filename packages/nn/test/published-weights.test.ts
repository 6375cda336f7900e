import { collectParameters, LayerNorm, Linear, type PublishedEntry, parameter, planWeights } from '@sifaka/nn';
import { zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const count = (length: number, from = 0) => Float32Array.from({ length }, (_, i) => from + i);

/** Two tables and a packed linear map, by the names of a published file. */
function makeModel() {
  const linear = new Linear({ inputDim: 2, outputDim: 4, seed: 1 });
  const norm = new LayerNorm({ dim: 2 });
  const table = parameter(() => zeros([1, 2]));
  const parameters = collectParameters({ blocks: [linear], norm, table });
  return { parameters, dispose: () => [linear, norm, table].forEach((part) => void part.dispose()) };
}

const NAMES = {
  'blocks.*': ['layer.*.key', 'layer.*.value'],
  norm: 'norm',
  table: { names: ['table'], layout: { kind: 'leadingAxis' } },
} as const;

const ENTRIES = new Map<string, PublishedEntry>(
  Object.entries({
    'layer.0.key.weight': [2, 2],
    'layer.0.value.weight': [2, 2],
    'layer.0.key.bias': [2],
    'layer.0.value.bias': [2],
    'norm.weight': [2],
    'norm.bias': [2],
    table: [1, 1, 2],
    'head.weight': [3],
  }).map(([name, shape]) => [name, { shape, dtype: 'F32' }]),
);

describe('planWeights', () => {
  it('places the tensors of a file in the parameters', () => {
    const model = makeModel();
    const { imports, ignored } = planWeights({
      where: 'test',
      parameters: model.parameters,
      names: NAMES,
      entries: ENTRIES,
      isSurplus: (name) => name === 'head.weight',
    });
    expect(ignored).toEqual(['head.weight']);
    for (const { names, assign } of imports) {
      assign(
        names.map((name, i) =>
          count(
            ENTRIES.get(name)!.shape.reduce((a, b) => a * b),
            10 * i,
          ),
        ),
      );
    }
    const valuesOf = (path: string) => [...model.parameters.get(path)!.dataSync()];
    // Keys in the first two columns, transposed: [[0, 1], [2, 3]] becomes [[0, 2], [1, 3]].
    expect(valuesOf('blocks.0.weight')).toEqual([0, 2, 10, 12, 1, 3, 11, 13]);
    expect(valuesOf('blocks.0.bias')).toEqual([0, 1, 10, 11]);
    expect(valuesOf('norm.scale')).toEqual([0, 1]);
    expect(valuesOf('table')).toEqual([0, 1]);
    model.dispose();
  });

  it('turns a convolution into a map of patches, and takes rows of a packed matrix', () => {
    const patches = new Linear({ inputDim: 8, outputDim: 3, seed: 1, bias: false });
    const rows = new Linear({ inputDim: 2, outputDim: 2, seed: 1 });
    const { imports } = planWeights({
      where: 'test',
      parameters: collectParameters({ patches, rows }),
      names: {
        'patches.weight': { names: ['patches'], layout: { kind: 'patches', channels: 2, size: 2 } },
        'rows.weight': { names: ['packed'], layout: { kind: 'rows', from: 2, of: 6 } },
        'rows.bias': { names: ['bias'], layout: { kind: 'rows', from: 2, of: 6 } },
      },
      entries: new Map([
        ['patches', { shape: [3, 2, 2, 2], dtype: 'F32' }],
        ['packed', { shape: [6, 2], dtype: 'F32' }],
        ['bias', { shape: [6], dtype: 'F32' }],
      ]),
    });
    const sizes = [24, 12, 6];
    imports.forEach(({ assign }, i) => void assign([count(sizes[i]!)]));
    // Of output o, channel c, row y and column x, the value is 8 o + 4 c + 2 y + x.
    const expected = [0, 1].flatMap((y) =>
      [0, 1].flatMap((x) => [0, 1].flatMap((c) => [0, 1, 2].map((o) => 8 * o + 4 * c + 2 * y + x))),
    );
    expect([...patches.weight.dataSync()]).toEqual(expected);
    expect([...rows.weight.dataSync()]).toEqual([4, 6, 5, 7]);
    expect([...rows.bias!.dataSync()]).toEqual([2, 3]);
    for (const part of [patches, rows]) part.dispose();
  });

  it('names parameters without a published name, surplus tensors, and values that are too few', () => {
    const model = makeModel();
    const plan = (more: Partial<Parameters<typeof planWeights>[0]>) =>
      planWeights({ where: 'test', parameters: model.parameters, names: NAMES, entries: ENTRIES, ...more });
    expect(() => plan({})).toThrow('test: expected only the weights of this model, got head.weight');
    const { norm: _, ...others } = NAMES;
    expect(() => plan({ names: others })).toThrow(
      'test: expected a model of the published form, got one with norm.scale',
    );
    const half = new Map([...ENTRIES, ['table', { shape: [1, 1, 2], dtype: 'F16' }] as const]);
    const isSurplus = () => true;
    expect(() => plan({ entries: half, isSurplus })).toThrow('test: table: expected F32, got F16');
    const { imports } = plan({ entries: half, isSurplus, dtypes: ['F32', 'F16'] });
    const table = imports.find(({ path }) => path === 'table')!;
    expect(() => table.assign([count(1)])).toThrow('test: table: expected 2 values, got 1');
    model.dispose();
  });
});
