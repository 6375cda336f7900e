import {
  type BlockEncoder,
  type EncodedTokens,
  loadImageEncoder,
  loadTextEncoder,
  type Pixels,
  type TokenBatch,
} from '@sifaka/encoders';
import {
  add,
  expandDims,
  mul,
  type Scalar,
  sum,
  type Tensor,
  tensor,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  checkpointOf,
  filesOf,
  gradientsOf,
  type ImageGolden,
  type PublishedGolden,
  readPublished,
  type TextGolden,
} from './published-golden.js';

/** Relative to the largest value. */
function expectClose(received: Tensor, expected: readonly unknown[] | Tensor, tolerance: number, what: string): void {
  const values = Array.isArray(expected) ? (expected.flat(9) as number[]) : [...(expected as Tensor).dataSync()];
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect([...received.dataSync()], what).toBeAllClose(values, { atol: tolerance * largest, rtol: 0 });
}

/** Checks tokens, pooled vectors and all gradients. The weights of `gradients` are the golden gradients. */
function expectGolden<Input>(
  encoder: BlockEncoder<Input>,
  gradients: BlockEncoder<Input>,
  input: Input,
  golden: PublishedGolden,
): void {
  tidy(() => {
    const { tokens, mask, pooled } = encoder.forward(input);
    expectClose(mul(tokens, expandDims(mask, 2)), maskedTokens(golden, mask), 1e-5, 'tokens');
    expectClose(pooled, Object.values(golden.pooled)[0]!, 1e-5, 'pooled');
    expect(pooled.shape[1]).toBe(encoder.pooledDim);
    expect(tokens.shape[2]).toBe(encoder.dim);
    const loss = (): Scalar => {
      const { tokens, pooled } = encoder.forward(input);
      const [upstream, pooledUpstream] = [tensor(golden.upstream), tensor(golden.pooledUpstream)];
      return add(sum(mul(tokens, upstream)), sum(mul(pooled, pooledUpstream)));
    };
    const { grads } = variableGrads(loss, [...encoder.parameters.values()]);
    const norms = [...gradients.parameters.values()].map((variable) => Math.max(...variable.dataSync().map(Math.abs)));
    const largest = Math.max(...norms);
    for (const [path, variable] of encoder.parameters) {
      const expected = gradients.parameters.get(path)!;
      expect(grads[variable.name]!.shape, path).toEqual(expected.shape);
      // A key's bias has no gradient, only rounding errors.
      const own = Math.max(...expected.dataSync().map(Math.abs), largest / 100);
      expect(grads[variable.name]!, path).toBeAllClose(expected, { atol: 1e-4 * own, rtol: 0 });
    }
  });
}

const maskedTokens = (golden: PublishedGolden, mask: Tensor) => mul(tensor(golden.tokens), expandDims(mask, 2));

const sizesOf = ({ tokens, pooled }: EncodedTokens) => [tokens.shape, pooled.shape];

const batchOf = ({ ids, length, lengths, types }: TextGolden): TokenBatch => ({
  ids: Int32Array.from(ids),
  length,
  lengths: Int32Array.from(lengths),
  ...(types && { types: Int32Array.from(types) }),
});

const TEXTS = ['bert', 'distilbert', 'roberta', 'xlm-roberta', 'clip-text', 'clip-text-legacy', 'siglip-text'];

describe.each(TEXTS)('loadTextEncoder: %s', (name) => {
  const golden = readPublished<TextGolden>(name);
  const { paddingId } = golden;
  const load = (tensors = checkpointOf(golden), kind?: string) =>
    loadTextEncoder(filesOf(golden, tensors), {
      ...(kind !== undefined && { pooling: { kind: kind as 'mean' } }),
      ...(paddingId !== undefined && { paddingId }),
    });

  it('equals transformers, forward and backward', async () => {
    const [{ encoder, architecture, pooling }, gradients] = [await load(), await load(gradientsOf(golden))];
    expect(architecture).toBe(golden.config['model_type']);
    expect(pooling.kind).toBe(Object.keys(golden.pooled)[0]);
    expectGolden(encoder, gradients.encoder, batchOf(golden), golden);
    for (const made of [encoder, gradients.encoder]) made.dispose();
  });

  it.each(Object.keys(golden.pooled))('pools by %s', async (kind) => {
    const { encoder } = await load(undefined, kind);
    tidy(() => expectClose(encoder.forward(batchOf(golden)).pooled, golden.pooled[kind]!, 1e-5, kind));
    encoder.dispose();
  });

  it('encodes each text as if it were alone, and pools none to zeros', async () => {
    const { encoder } = await load();
    const { ids, length, lengths } = batchOf(golden);
    const count = lengths[1]!;
    tidy(() => {
      const alone = encoder.forward({
        ids: Int32Array.of(...ids.subarray(length, length + count), ...Array(count).fill(0)),
        length: count,
        lengths: Int32Array.of(count, 0),
      });
      const batch = { ids, length, lengths }; // without types
      const { pooled } = encoder.forward(batch);
      const expected = (pooled.arraySync() as number[][])[1]!;
      expectClose(alone.pooled, [expected, expected.map(() => 0)], 1e-5, name);
      expect(sizesOf(alone)).toEqual([
        [2, count, encoder.dim],
        [2, encoder.pooledDim],
      ]);
    });
    encoder.dispose();
  });
});

const IMAGES = ['vit', 'dinov2', 'dinov2-with-registers', 'clip-image', 'siglip-image'];

describe.each(IMAGES)('loadImageEncoder: %s', (name) => {
  const golden = readPublished<ImageGolden>(name);
  const load = (tensors = checkpointOf(golden), kind?: string, imageSize?: ImageGolden['resized']['imageSize']) =>
    loadImageEncoder(filesOf(golden, tensors), {
      ...(kind !== undefined && { pooling: { kind: kind as 'mean' } }),
      ...(imageSize && { imageSize }),
    });
  const pixels = Uint8Array.from(golden.pixels);

  it('equals transformers, forward and backward', async () => {
    const [{ encoder, architecture, pooling }, gradients] = [await load(), await load(gradientsOf(golden))];
    expect(architecture).toBe(golden.config['model_type']);
    expect(pooling.kind).toBe(Object.keys(golden.pooled)[0]);
    expectGolden<Pixels>(encoder, gradients.encoder, pixels, golden);
    for (const made of [encoder, gradients.encoder]) made.dispose();
  });

  it.each(Object.keys(golden.pooled))('pools by %s', async (kind) => {
    const { encoder } = await load(undefined, kind);
    tidy(() => expectClose(encoder.forward(pixels).pooled, golden.pooled[kind]!, 1e-5, kind));
    encoder.dispose();
  });

  it('interpolates positions for images of another size', async () => {
    const { resized } = golden;
    const { encoder } = await load(undefined, undefined, resized.imageSize);
    tidy(() => {
      const { tokens, pooled } = encoder.forward(Uint8Array.from(resized.pixels));
      expectClose(tokens, resized.tokens, 1e-5, 'tokens');
      expectClose(pooled, Object.values(resized.pooled)[0]!, 1e-5, 'pooled');
    });
    encoder.dispose();
  });
});

it('runs its blocks one by one, as a step that trains only the upper ones does', async () => {
  const golden = readPublished<TextGolden>('clip-text');
  const { encoder } = await loadTextEncoder(filesOf(golden, checkpointOf(golden)));
  const input = batchOf(golden);
  tidy(() => {
    const bias = encoder.bias(input)!;
    let states = encoder.embed(input);
    for (const block of encoder.blocks) states = block.forward(states, { bias });
    expect(encoder.finish(states, input).pooled).toBeAllClose(encoder.forward(input).pooled, { atol: 0, rtol: 0 });
  });
  encoder.dispose();
});
