import { LowRankAdapter, namedModules } from '@sifaka/nn';
import { blip2Form, FusionQFormer, type FusionQFormerOptions, publicForm } from '@sifaka/qformer';
import { normal } from '@sifaka/test-kit';
import { add, memory, mul, onesLike, type Scalar, sum, tidy, variableGrads } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const SIZES = { dim: 4, heads: 2, numQueries: 2, depth: 2, seed: 1 } as const;
const modalities = ['image', 'text'] as const;

const FORMS: Record<string, FusionQFormerOptions<'image' | 'text'>> = {
  typed: { ...SIZES, modalities, feedForward: { hiddenDim: 6 }, positionEmbeddings: { text: 3 } },
  public: publicForm({ ...SIZES, modalities }),
  'with projections': { ...SIZES, modalities: { image: 4, text: 4 } },
  'pre-norm': { ...SIZES, modalities, norm: { kind: 'pre', queries: true } },
  'BLIP-2’s': blip2Form({ ...SIZES, modalities, tokenDim: 4, hiddenDim: 6 }),
};

describe.each(Object.entries(FORMS))('a frozen view of the form %s', (_, options) => {
  it('computes the same, also after the weights have learned, and owns nothing', () => {
    const fusion = new FusionQFormer(options);
    const before = memory().numTensors;
    const view = fusion.frozenView();
    expect(memory().numTensors).toBe(before);
    expect(view.parameters.size).toBe(0);
    expect([...namedModules(view).keys()]).toEqual([...namedModules(fusion).keys()]);
    tidy(() => {
      const inputs = { image: { tokens: normal([2, 3, 4], 2) }, text: { tokens: normal([2, 3, 4], 3) } };
      expect(view.forward(inputs).vector).toBeAllClose(fusion.forward(inputs).vector, { atol: 0, rtol: 0 });
      for (const variable of fusion.parameters.values()) variable.assign(add(variable, mul(onesLike(variable), 0.1)));
      expect(view.forward(inputs).vector).toBeAllClose(fusion.forward(inputs).vector, { atol: 0, rtol: 0 });
    });
    view.dispose();
    fusion.dispose();
  });

  it('trains low-rank updates, and not the weights that it shares', () => {
    const fusion = new FusionQFormer(options);
    const adapter = new LowRankAdapter(fusion.frozenView(), { rank: 2, seed: 1 });
    tidy(() => {
      const inputs = { image: { tokens: normal([2, 3, 4], 2) }, text: { tokens: normal([2, 3, 4], 3) } };
      const upstream = normal([2, 4], 4);
      const loss = () => sum(mul(adapter.module.forward(inputs).vector, upstream)) as Scalar;
      const { grads } = variableGrads(loss, [...adapter.parameters.values(), ...fusion.parameters.values()]);
      for (const { name } of fusion.parameters.values()) expect(grads[name]).toBeFalsy();
      for (const [path, { name }] of adapter.parameters) {
        if (path.endsWith('.up'))
          expect(
            grads[name]!.dataSync().some((value) => value !== 0),
            path,
          ).toBe(true);
      }
    });
    expect(adapter.targets).toContain('output');
    expect(adapter.targets.some((path) => path.startsWith('projections.'))).toBe(!Array.isArray(options.modalities));
    adapter.dispose();
    fusion.dispose();
  });
});
