import { ImageEncoder, type ImageEncoderOptions } from '@sifaka/encoders';
import { AdamW, collectParameters, importParameters, Linear, ShapeError } from '@sifaka/nn';
import { expectGoldenGradients, expectSeededModule, goldenTensors, readGolden } from '@sifaka/test-kit';
import {
  add,
  concat,
  fill,
  gather,
  mean,
  mul,
  ones,
  randomUniform,
  reshape,
  type Scalar,
  slice,
  softplus,
  split,
  stack,
  sum,
  type Tensor,
  tensor,
  tensor1d,
  tidy,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Random pixels of 0 … 255. */
const noise = (shape: number[], seed: number): Tensor => randomUniform(shape as [number], 0, 255, 'float32', seed);

interface ImageGolden {
  readonly options: Omit<ImageEncoderOptions, 'seed'>;
  readonly weights: string;
  readonly pixels: number[];
  readonly tokens: number[][][];
  readonly upstream: number[][][];
  readonly gradients: string;
}

// Two rows of three patches.
const OPTIONS: ImageEncoderOptions = { height: 4, width: 6, patchSize: 2, dim: 8, depth: 2, heads: 2, seed: 1 };

describe('ImageEncoder', () => {
  it("equals PyTorch's transformer over a strided convolution, forward and backward", () => {
    const golden = readGolden<ImageGolden>(import.meta.url, 'image-encoder');
    const encoder = new ImageEncoder({ ...golden.options, seed: 1 });
    importParameters(encoder.parameters, goldenTensors(golden.weights));
    tidy(() => {
      const tokens = () => encoder.forward(Uint8Array.from(golden.pixels)).tokens;
      expect(tokens()).toBeAllClose(golden.tokens, { atol: 2e-5, rtol: 1e-5 });
      const loss = (): Scalar => sum(mul(tokens(), tensor(golden.upstream)));
      expectGoldenGradients(loss, encoder.parameters, golden.gradients);
    });
    encoder.dispose();
  });

  it('encodes bytes, integers and floats alike', () => {
    const encoder = new ImageEncoder(OPTIONS);
    tidy(() => {
      const bytes = Uint8Array.from({ length: 2 * 4 * 6 * 3 }, (_, i) => (i * 37) % 256);
      const shape = [2, 4, 6, 3];
      const { tokens, mask } = encoder.forward(bytes);
      expect(tokens.shape).toEqual([2, encoder.numTokens, encoder.dim]);
      expect(mask).toBeAllClose(ones([2, encoder.numTokens]), { atol: 0 });
      expect(encoder.forward(tensor(Array.from(bytes), shape, 'float32')).tokens).toBeAllClose(tokens, { atol: 0 });
      expect(encoder.forward(tensor(Array.from(bytes), shape, 'int32')).tokens).toBeAllClose(tokens, { atol: 0 });
      // A view into a larger block, like the pixels of a catalogue.
      const block = Uint8Array.from([9, 9, 9, ...bytes]);
      expect(encoder.forward(block.subarray(3)).tokens).toBeAllClose(tokens, { atol: 0 });
    });
    encoder.dispose();
  });

  it('orders patches by rows: without attention, a token depends only on its own patch', () => {
    const encoder = new ImageEncoder(OPTIONS);
    silenceAttention(encoder);
    tidy(() => {
      const image = noise([4, 6, 3], 1).arraySync() as number[][][];
      const before = encoder.forward(tensor([image])).tokens.arraySync() as number[][][];
      for (let patch = 0; patch < encoder.numTokens; patch++) {
        const changed = image.map((row, y) =>
          row.map((pixel, x) => (Math.floor(y / 2) * 3 + Math.floor(x / 2) === patch ? [255, 0, 0] : pixel)),
        );
        const after = encoder.forward(tensor([changed])).tokens.arraySync() as number[][][];
        const differing = after[0]!.flatMap((token, i) => (token.some((v, k) => v !== before[0]![i]![k]) ? [i] : []));
        expect(differing).toEqual([patch]);
      }
    });
    encoder.dispose();
  });

  it('permutes its tokens with patches and positions', () => {
    const encoder = new ImageEncoder(OPTIONS);
    tidy(() => {
      const image = noise([1, 4, 6, 3], 1);
      const { tokens } = encoder.forward(image);
      const [left, middle, right] = split(image, 3, 2); // columns of two patches
      const order = tensor1d([2, 0, 1, 5, 3, 4], 'int32');
      const positions = encoder.parameters.get('positions')!;
      positions.assign(gather(positions as Tensor, order));
      expect(encoder.forward(concat([right!, left!, middle!], 2)).tokens).toBeAllClose(gather(tokens, order, 1));
    });
    encoder.dispose();
  });

  it('scales 127.5 to 0, so that mid-grey does not depend on the weights of the patches', () => {
    const [encoder, other] = [new ImageEncoder(OPTIONS), new ImageEncoder(OPTIONS)];
    tidy(() => {
      const weight = other.parameters.get('patches.weight')!;
      weight.assign(mul(weight as Tensor, -3));
      const grey = fill([1, 4, 6, 3], 127.5);
      expect(other.forward(grey).tokens).toBeAllClose(encoder.forward(grey).tokens);
      const white = fill([1, 4, 6, 3], 255);
      expect(other.forward(white).tokens).not.toBeAllClose(encoder.forward(white).tokens, { atol: 1e-2 });
    });
    encoder.dispose();
    other.dispose();
  });

  it('encodes each image independently', () => {
    const encoder = new ImageEncoder(OPTIONS);
    tidy(() => {
      const images = noise([3, 4, 6, 3], 1);
      const { tokens } = encoder.forward(images);
      expect(encoder.forward(slice(images, 1, 1)).tokens).toBeAllClose(slice(tokens, 1, 1));
    });
    encoder.dispose();
  });

  it('draws its weights from the seed and disposes them', () => {
    expectSeededModule(
      (seed) => new ImageEncoder({ ...OPTIONS, seed }),
      (encoder) => encoder.forward(noise([1, 4, 6, 3], 1)).tokens,
    );
  });

  it('refuses images of another size', () => {
    expect(() => new ImageEncoder({ ...OPTIONS, width: 7 })).toThrow(
      'ImageEncoder: expected multiples of patchSize 2, got 4 × 7 pixels',
    );
    const encoder = new ImageEncoder(OPTIONS);
    tidy(() => {
      expect(() => encoder.forward(zeros([1, 6, 4, 3]))).toThrow(ShapeError);
      expect(() => encoder.forward(zeros([1, 6, 4, 3]))).toThrow('expected [B, 4, 6, 3], got [1, 6, 4, 3]');
      expect(() => encoder.forward(zeros([4, 6, 3]))).toThrow('expected [B, 4, 6, 3], got [4, 6, 3]');
      expect(() => encoder.forward(new Uint8Array(73))).toThrow('expected a multiple of 4 × 6 × 3 = 72, got [73]');
    });
    encoder.dispose();
  });

  it('learns which side of an image is bright', () => {
    const encoder = new ImageEncoder({ height: 8, width: 8, patchSize: 4, dim: 8, depth: 1, heads: 2, seed: 1 });
    const head = new Linear({ inputDim: 8, outputDim: 1, seed: 2 });
    const parameters = collectParameters({ encoder, head });
    const optimizer = new AdamW(parameters, { weightDecay: 0 });
    const labels = tensor1d([1, 0, 1, 0, 1, 0, 1, 0]);
    const images = (seed: number) => {
      const bright = concat([ones([8, 4, 3]), zeros([8, 4, 3])], 1);
      const dark = concat([zeros([8, 4, 3]), ones([8, 4, 3])], 1);
      const sides = stack([bright, dark, bright, dark, bright, dark, bright, dark]);
      return add(mul(sides, 100), mul(noise([8, 8, 8, 3], seed), 0.6));
    };
    const logits = (batch: Tensor) => reshape(head.forward(mean(encoder.forward(batch).tokens, 1)), [8]);
    for (let step = 0; step < 30; step++) {
      tidy(() => {
        const batch = images(step);
        const { grads } = variableGrads(() => {
          const scores = logits(batch);
          return mean(add(softplus(scores), mul(mul(labels, scores), -1))) as Scalar; // binary cross-entropy
        });
        optimizer.apply(new Map([...parameters].map(([path, v]) => [path, grads[v.name]!])), { learningRate: 0.03 });
      });
    }
    tidy(() => {
      const scores = [...logits(images(1000)).dataSync()];
      expect(scores.map((score) => (score > 0 ? 1 : 0))).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
    });
    for (const held of [optimizer, encoder, head, labels]) held.dispose();
  });
});

/** Makes every block the identity, so that a token is its patch and position, normalised. */
function silenceAttention(encoder: ImageEncoder): void {
  for (const [path, variable] of encoder.parameters) {
    if (/\.(output|contract)\./.test(path)) tidy(() => variable.assign(zeros(variable.shape)));
  }
}
