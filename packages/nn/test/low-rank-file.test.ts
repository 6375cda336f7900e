import {
  exportParameters,
  Linear,
  LowRankAdapter,
  type LowRankAdapterOptions,
  readSafetensors,
  type SafetensorsEntry,
  SelfAttention,
  ShapeError,
  writeSafetensors,
} from '@sifaka/nn';
import { normal } from '@sifaka/test-kit';
import { tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const OPTIONS = { rank: 2, alpha: 3, seed: 1 };

function makeAdapter(options: Partial<LowRankAdapterOptions> = {}): LowRankAdapter<SelfAttention> {
  return new LowRankAdapter(new SelfAttention({ dim: 4, heads: 2, seed: 1 }), { ...OPTIONS, ...options });
}

/** A file of a trained adapter. */
function trained(options: Partial<LowRankAdapterOptions> = {}): Uint8Array {
  const adapter = makeAdapter(options);
  tidy(() => {
    let seed = 1;
    for (const factor of adapter.parameters.values()) factor.assign(normal(factor.shape, seed++));
  });
  const bytes = adapter.save();
  adapter.dispose();
  return bytes;
}

/** The file with other contents. */
function edited(
  change: (tensors: Map<string, SafetensorsEntry>, metadata: Record<string, string>) => void,
): Uint8Array {
  const { tensors, metadata } = readSafetensors(trained());
  const [changed, described] = [new Map(tensors), { ...metadata }];
  change(changed, described);
  return writeSafetensors(changed, described);
}

describe('LowRankAdapter.save and load', () => {
  it('keep exactly what learns', () => {
    const bytes = trained();
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors.keys()].sort()).toEqual(['input.down', 'input.up', 'output.down', 'output.up']);
    expect(metadata).toMatchObject({ rank: '2', alpha: '3', targets: '["input","output"]' });
    const adapter = makeAdapter({ seed: 5 });
    const weights = exportParameters(adapter.module.parameters);
    adapter.load(bytes);
    expect(exportParameters(adapter.parameters)).toEqual(
      new Map([...adapter.parameters.keys()].map((path) => [path, tensors.get(path)])),
    );
    expect(exportParameters(adapter.module.parameters)).toEqual(weights);
    expect(adapter.save()).toEqual(bytes);
    adapter.dispose();
  });

  it('work for a Linear alone, and save a merged adapter', () => {
    const adapter = new LowRankAdapter(new Linear({ inputDim: 3, outputDim: 2, seed: 1 }), OPTIONS);
    const bytes = adapter.save();
    expect([...readSafetensors(bytes).tensors.keys()].sort()).toEqual(['down', 'up']);
    adapter.merge();
    expect(adapter.save()).toEqual(bytes);
    expect(() => adapter.load(bytes)).toThrow(
      'LowRankAdapter.load: expected updates beside the weights, got merged ones',
    );
    adapter.unmerge();
    adapter.load(bytes);
    adapter.dispose();
  });

  const foreign: readonly [string, () => Uint8Array, string][] = [
    ['another rank', () => trained({ rank: 1 }), 'expected rank 2, got 1'],
    ['another α', () => trained({ alpha: 4 }), 'expected alpha 3, got 4'],
    [
      'fewer targets',
      () => trained({ targets: ['input'] }),
      'expected the factors of this module, got a file without output.down, output.up',
    ],
    [
      'other names',
      () =>
        edited((tensors) => {
          tensors.set('gate.up', tensors.get('input.up')!);
          tensors.delete('input.up');
        }),
      'expected the factors of this module, got a file without input.up with gate.up besides',
    ],
    [
      'another shape',
      () => edited((tensors) => tensors.set('input.up', { dtype: 'F32', shape: [2, 5], data: new Float32Array(10) })),
      'input.up: expected [2, 12], got [2, 5]',
    ],
    [
      'another type',
      () => edited((tensors) => tensors.set('input.up', { dtype: 'I32', shape: [2, 12], data: new Int32Array(24) })),
      'input.up: expected F32, got I32',
    ],
    [
      'no metadata',
      () => writeSafetensors(readSafetensors(trained()).tensors),
      'expected format @sifaka/nn low-rank factors 1, got none',
    ],
  ];

  it.each(foreign)('refuse a file with %s, before anything is changed', (_, make, message) => {
    const adapter = makeAdapter();
    const before = exportParameters(adapter.parameters);
    const bytes = make();
    expect(() => adapter.load(bytes)).toThrow(message);
    expect(exportParameters(adapter.parameters)).toEqual(before);
    adapter.dispose();
  });

  it('name the shape in a ShapeError', () => {
    const adapter = makeAdapter();
    const bytes = edited((tensors) =>
      tensors.set('output.down', { dtype: 'F32', shape: [2, 4], data: new Float32Array(8) }),
    );
    expect(() => adapter.load(bytes)).toThrow(ShapeError);
    adapter.dispose();
  });
});
