import {
  type EncoderTraining,
  FineTunedEncoder,
  type FineTunedEncoderOptions,
  ImageEncoder,
  type LayeredEncoder,
  type Pixels,
  TextEncoder,
  type TokenBatch,
} from '@sifaka/encoders';
import { exportParameters, importParameters, runBlocks } from '@sifaka/nn';
import { normal } from '@sifaka/test-kit';
import {
  add,
  memory,
  mul,
  onesLike,
  type Scalar,
  square,
  sum,
  type Tensor,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const DEPTH = 3;
const EXACTLY = { atol: 0, rtol: 0 };

interface Case<Input> {
  readonly make: () => LayeredEncoder<Input>;
  readonly input: Input;
}

const image: Case<Pixels> = {
  make: () => new ImageEncoder({ height: 8, width: 8, patchSize: 4, dim: 8, depth: DEPTH, heads: 2, seed: 1 }),
  input: Uint8Array.from({ length: 3 * 8 * 8 * 3 }, (_, i) => (i * 37) % 256),
};
const text: Case<TokenBatch> = {
  make: () =>
    new TextEncoder({ vocabularySize: 9, maxLength: 6, tokenTypes: 2, dim: 8, depth: DEPTH, heads: 2, seed: 1 }),
  input: {
    ids: Int32Array.from([1, 2, 3, 4, 5, 0, 0, 0, 8, 7, 6, 0]),
    types: Int32Array.from([0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1]),
    length: 4,
    lengths: Int32Array.from([4, 1, 3]),
  },
};
const CASES = [
  ['image', image as Case<unknown>],
  ['text', text as Case<unknown>],
] as const;

const KINDS: readonly EncoderTraining[] = [
  { kind: 'full' },
  { kind: 'frozen' },
  { kind: 'top', blocks: 2 },
  { kind: 'top', blocks: DEPTH },
  { kind: 'lora', rank: 2, alpha: 4, targets: ['query', 'value', 'feedForward.expand'] },
];

/** A new encoder of which `train` says what learns. LoRA's factors are drawn, so that the updates are not zero. */
function fineTuned(
  { make }: Case<unknown>,
  train: EncoderTraining,
  options: Omit<FineTunedEncoderOptions, 'seed' | 'train'> = {},
): FineTunedEncoder<unknown> {
  const encoder = new FineTunedEncoder(make(), { train, seed: 2, ...options });
  if (train.kind === 'lora') {
    [...encoder.parameters.values()].forEach((factor, i) => {
      tidy(() => factor.assign(normal(factor.shape, 10 + i, { deviation: 0.3 })));
    });
  }
  return encoder;
}

/** Loss and gradients by path of `Σ tokens² ⊙ mask`. Those of the encoder's own weights too, if there are any. */
function gradientsOf(encoder: FineTunedEncoder<unknown>, input: unknown, by = encoder.parameters) {
  const loss = () => {
    const { tokens, mask } = encoder.forward(input);
    return sum(mul(sum(mul(square(tokens), normal(tokens.shape, 7)), -1), mask)) as Scalar;
  };
  const { value, grads } = variableGrads(loss, [...by.values()]);
  return { value, grads: new Map([...by].map(([path, { name }]) => [path, grads[name] as Tensor | undefined])) };
}

/** Layers below the top: 0 for what follows the blocks, 1 … for the blocks, `DEPTH + 1` for the embedding. */
function depthOf(path: string): number {
  const block = /transformer\.blocks\.(\d)/.exec(path);
  if (block !== null) return DEPTH - Number(block[1]);
  return path.startsWith('transformer.norm') ? 0 : DEPTH + 1;
}

describe.each(CASES)('an %s encoder', (_, each) => {
  it('is its embedding, its blocks, and what follows them', () => {
    const encoder = each.make();
    tidy(() => {
      const { tokens, mask } = encoder.forward(each.input);
      const bias = encoder.bias(each.input);
      const states = runBlocks(encoder.blocks, encoder.embed(each.input), { bias });
      const byStep = encoder.finish(states, each.input);
      expect(byStep.tokens).toBeAllClose(tokens, EXACTLY);
      expect(byStep.mask).toBeAllClose(mask, EXACTLY);
    });
    expect(encoder.blocks).toHaveLength(DEPTH);
    const parts = [...encoder.blocks, encoder.embedding].flatMap(({ parameters }) => [...parameters.values()]);
    const norm = [...encoder.parameters].flatMap(([path, variable]) => (depthOf(path) === 0 ? [variable] : []));
    expect(new Set([...parts, ...norm])).toEqual(new Set(encoder.parameters.values()));
    encoder.dispose();
  });

  it.each(KINDS)('computes with %o what it computes without', (train) => {
    const [plain, encoder] = [each.make(), fineTuned(each, train)];
    importParameters(plain.parameters, encoder.exportMerged());
    tidy(() => {
      const [expected, got] = [plain.forward(each.input), encoder.forward(each.input)];
      expect(got.tokens).toBeAllClose(expected.tokens, { atol: 1e-5 });
      expect(got.mask).toBeAllClose(expected.mask, EXACTLY);
    });
    plain.dispose();
    encoder.dispose();
  });

  it.each([
    [{ kind: 'full' } as const, (depth: number) => depth <= DEPTH + 1],
    [{ kind: 'top', blocks: 2 } as const, (depth: number) => depth <= 2],
    [{ kind: 'frozen' } as const, () => false],
  ])('%o: these layers learn, with the gradients of the whole, and the others do not', (train, learns) => {
    const [whole, encoder] = [fineTuned(each, { kind: 'full' }), fineTuned(each, train)];
    const paths = [...whole.parameters.keys()];
    expect([...encoder.parameters.keys()]).toEqual(paths.filter((path) => learns(depthOf(path))));
    expect([...encoder.frozenParameters.keys()]).toEqual(paths.filter((path) => !learns(depthOf(path))));
    if (encoder.parameters.size > 0) {
      tidy(() => {
        const [expected, got] = [gradientsOf(whole, each.input), gradientsOf(encoder, each.input)];
        for (const [path, gradient] of got.grads) {
          expect(gradient, path).toBeAllClose(expected.grads.get(path)!, { atol: 1e-6, rtol: 1e-5 });
        }
      });
    }
    whole.dispose();
    encoder.dispose();
  });

  it('lora: its factors alone learn', () => {
    const encoder = fineTuned(each, { kind: 'lora', rank: 2 });
    expect([...encoder.parameters.keys()]).toEqual(
      [0, 1, 2].flatMap((block) =>
        ['query', 'value'].flatMap((name) =>
          ['down', 'up'].map((factor) => `lora.blocks.${block}.attention.${name}.${factor}`),
        ),
      ),
    );
    expect([...encoder.frozenParameters.keys()]).toEqual([...encoder.encoder.parameters.keys()]);
    tidy(() => {
      for (const gradient of gradientsOf(encoder, each.input).grads.values()) {
        expect(sum(square(gradient!)).dataSync()[0]).toBeGreaterThan(0);
      }
    });
    encoder.dispose();
  });

  it.each([{ kind: 'full' }, { kind: 'top', blocks: 2 }, { kind: 'lora', rank: 2 }] as const)(
    '%o: gradient checkpointing gives the same gradients',
    (train) => {
      const [plain, again] = [fineTuned(each, train), fineTuned(each, train, { recompute: true })];
      tidy(() => {
        const [expected, got] = [gradientsOf(plain, each.input), gradientsOf(again, each.input)];
        expect(got.value).toBeAllClose(expected.value, EXACTLY);
        for (const [path, gradient] of got.grads) {
          expect(gradient, path).toBeAllClose(expected.grads.get(path)!, { atol: 1e-6, rtol: 1e-5 });
        }
      });
      plain.dispose();
      again.dispose();
    },
  );

  it('keeps nothing of frozen layers for the backward pass', () => {
    const kept = (train: EncoderTraining) => {
      const encoder = fineTuned(each, train);
      let tensors = 0;
      tidy(() => {
        const weight = onesLike(normal([8], 1)).variable();
        variableGrads(() => {
          const before = memory().numTensors;
          const { tokens } = encoder.forward(each.input);
          tensors = memory().numTensors - before;
          return sum(mul(tokens, weight as Tensor)) as Scalar;
        }, [weight]);
        weight.dispose();
      });
      encoder.dispose();
      return tensors;
    };
    const [full, top, frozen] = [kept({ kind: 'full' }), kept({ kind: 'top', blocks: 1 }), kept({ kind: 'frozen' })];
    expect(frozen).toBe(3); // tokens, mask and pooled
    expect(top).toBeLessThan(full / 2);
  });

  it('decays learning rates by depth', () => {
    const encoder = fineTuned(each, { kind: 'top', blocks: 2 }, { layerDecay: 0.5 });
    expect([...encoder.learningRateScales]).toEqual(
      [...encoder.parameters.keys()].map((path) => [path, 0.5 ** depthOf(path)]),
    );
    encoder.dispose();
  });
});

describe('FineTunedEncoder', () => {
  it('exports low-rank updates merged, and has them beside the weights again', () => {
    const encoder = fineTuned(text as Case<unknown>, { kind: 'lora', rank: 2 });
    tidy(() => {
      const before = encoder.forward(text.input).tokens;
      const base = exportParameters(encoder.encoder.parameters);
      const merged = encoder.exportMerged();
      expect([...merged.keys()]).toEqual([...base.keys()]);
      const changed = [...merged].flatMap(([path, { data }]) =>
        Buffer.compare(Buffer.from(data.buffer), Buffer.from(base.get(path)!.data.buffer)) === 0 ? [] : [path],
      );
      expect(changed).toEqual([0, 1, 2].map((block) => `transformer.blocks.${block}.attention.input.weight`));
      expect(exportParameters(encoder.encoder.parameters)).toEqual(base);
      expect(encoder.forward(text.input).tokens).toBeAllClose(before, EXACTLY);
    });
    encoder.dispose();
  });

  const REFUSED: readonly (readonly [train: object, message: string | RegExp])[] = [
    [{ kind: 'half' }, "FineTunedEncoder: expected a kind of training among 'full', 'frozen', 'top', 'lora', got half"],
    [{ kind: 'top', blocks: 4 }, 'FineTunedEncoder: expected blocks to be at most the depth 3, got 4'],
    [{ kind: 'top', blocks: 0 }, 'FineTunedEncoder: expected blocks to be a whole number from 1, got 0'],
    [{ kind: 'lora', rank: 9 }, /expected rank to be at most 8, the smaller side of the weight \[8, 8\], got 9/],
    ...['q_proj', 'banana.query', 'blocks.3.attention.query', 'attention'].map((target): [object, string] => [
      { kind: 'lora', rank: 1, targets: ['query', target] },
      "FineTunedEncoder: expected targets among 'attention.input', 'attention.output', 'feedForward.expand', " +
        "'feedForward.contract', 'attention.query', 'attention.key', 'attention.value' in 3 blocks, or ends of " +
        `these names, got '${target}'`,
    ]),
    [{ kind: 'lora', rank: 1, targets: ['query', 'attention.input'] }, /or its part '.*query' as a target, got both/],
    [{ kind: 'lora', rank: 1, alpha: 0 }, /expected alpha to be a number above 0, got 0/],
  ];

  it.each(REFUSED)('refuses %o, and leaves the encoder to its owner', (train, message) => {
    const encoder = image.make();
    const before = memory().numTensors;
    expect(() => new FineTunedEncoder(encoder, { train: train as EncoderTraining, seed: 1 })).toThrow(message);
    expect(memory().numTensors).toBe(before);
    expect([...encoder.parameters.values()].every(({ trainable }) => trainable)).toBe(true);
    encoder.dispose();
  });

  it('trains nothing but what learns', () => {
    const encoder = fineTuned(image as Case<unknown>, { kind: 'top', blocks: 1 });
    expect([...encoder.frozenParameters.values()].some(({ trainable }) => trainable)).toBe(false);
    tidy(() => {
      const { grads } = variableGrads(() => sum(square(encoder.forward(image.input).tokens)) as Scalar);
      const names = new Set([...encoder.parameters.values()].map(({ name }) => name));
      expect(Object.keys(grads).filter((name) => !names.has(name))).toEqual([]);
      for (const variable of encoder.parameters.values()) variable.assign(add(variable as Tensor, 1));
    });
    encoder.dispose();
  });
});
