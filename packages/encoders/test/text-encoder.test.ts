import { TextEncoder, type TextEncoderOptions, type TokenBatch } from '@sifaka/encoders';
import { AdamW, collectParameters, importParameters, Linear, ShapeError } from '@sifaka/nn';
import { expectGoldenGradients, expectSeededModule, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  gather,
  mean,
  mul,
  reshape,
  type Scalar,
  slice,
  softplus,
  sum,
  type Tensor,
  tensor,
  tensor1d,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface TextGolden {
  readonly options: Omit<TextEncoderOptions, 'seed'>;
  readonly weights: string;
  readonly ids: number[];
  readonly length: number;
  readonly lengths: number[];
  readonly mask: number[][];
  readonly tokens: number[][][];
  readonly upstream: number[][][];
  readonly gradients: string;
}

const OPTIONS: TextEncoderOptions = { vocabularySize: 9, maxLength: 6, dim: 8, depth: 2, heads: 2, seed: 1 };

/** Rows of ids, padded with `padding` to the longest or to `length`. */
function batchOf(rows: readonly (readonly number[])[], { length = 0, padding = 0 } = {}): TokenBatch {
  const longest = Math.max(length, ...rows.map((row) => row.length));
  return {
    ids: Int32Array.from(rows.flatMap((row) => [...row, ...Array(longest - row.length).fill(padding)])),
    length: longest,
    lengths: Int32Array.from(rows, (row) => row.length),
  };
}

describe('TextEncoder', () => {
  it("equals PyTorch's transformer over an embedding, forward and backward", () => {
    const golden = readGolden<TextGolden>(import.meta.url, 'text-encoder');
    const encoder = new TextEncoder({ ...golden.options, seed: 1 });
    importParameters(encoder.parameters, goldenTensors(golden.weights));
    const batch = { ids: Int32Array.from(golden.ids), length: 4, lengths: Int32Array.from(golden.lengths) };
    tidy(() => {
      const { tokens, mask } = encoder.forward(batch);
      expect(tokens).toBeAllClose(golden.tokens, { atol: 2e-5, rtol: 1e-5 });
      expect(mask).toBeAllClose(golden.mask, { atol: 0 });
      const loss = (): Scalar => sum(mul(encoder.forward(batch).tokens, tensor(golden.upstream)));
      expectGoldenGradients(loss, encoder.parameters, golden.gradients);
    });
    encoder.dispose();
  });

  it('ignores the amount and the id of padding', () => {
    const encoder = new TextEncoder(OPTIONS);
    tidy(() => {
      const rows = [
        [3, 1, 4],
        [2, 7, 1],
      ];
      const { tokens } = encoder.forward(batchOf(rows));
      for (const padding of [0, 8]) {
        const padded = encoder.forward(batchOf(rows, { length: 6, padding }));
        expect(slice(padded.tokens, [0, 0, 0], [2, 3, 8])).toBeAllClose(tokens);
        expect(padded.mask).toBeAllClose([
          [1, 1, 1, 0, 0, 0],
          [1, 1, 1, 0, 0, 0],
        ]);
      }
    });
    encoder.dispose();
  });

  it('encodes each text independently, even an empty one', () => {
    const encoder = new TextEncoder(OPTIONS);
    tidy(() => {
      const { tokens, mask } = encoder.forward(batchOf([[3, 1, 4, 1], [], [5]]));
      expect(slice(tokens, [2, 0, 0], [1, 1, 8])).toBeAllClose(encoder.forward(batchOf([[5]])).tokens);
      expect([...tokens.dataSync()].every(Number.isFinite)).toBe(true);
      expect(slice(mask, [1, 0], [1, 4])).toBeAllClose([[0, 0, 0, 0]]);
    });
    encoder.dispose();
  });

  it('distinguishes the order of words only by positions', () => {
    const encoder = new TextEncoder(OPTIONS);
    tidy(() => {
      const [forth, back] = [batchOf([[3, 1, 4]]), batchOf([[4, 1, 3]])];
      const reversed = tensor1d([2, 1, 0], 'int32');
      const backwards = () => gather(encoder.forward(back).tokens, reversed, 1);
      expect(backwards()).not.toBeAllClose(encoder.forward(forth).tokens, { atol: 1e-3 });
      const positions = encoder.parameters.get('positions')!;
      positions.assign(mul(positions as Tensor, 0));
      expect(backwards()).toBeAllClose(encoder.forward(forth).tokens);
    });
    encoder.dispose();
  });

  it('adds to each token the embedding of its type', () => {
    const batch = batchOf([[3, 1, 4]]);
    const [plain, typed] = [new TextEncoder(OPTIONS), new TextEncoder({ ...OPTIONS, tokenTypes: 2 })];
    const tokens = (types?: number[]) =>
      typed.forward({ ...batch, ...(types && { types: Int32Array.from(types) }) }).tokens;
    const exactly = { atol: 0, rtol: 0 };
    tidy(() => {
      expect(tokens()).toBeAllClose(tokens([0, 0, 0]), exactly);
      expect(tokens([0, 1, 1])).not.toBeAllClose(tokens(), { atol: 1e-3 });
      // One type for all tokens is the same as other embeddings of words.
      const [types, words] = [typed.parameters.get('types')!, typed.parameters.get('embedding')!];
      const ones = tokens([1, 1, 1]);
      words.assign(add(words as Tensor, slice(types as Tensor, [1, 0], [1, 8])));
      types.assign(mul(types as Tensor, 0));
      expect(tokens([0, 1, 0])).toBeAllClose(ones, { atol: 1e-5 });
      words.assign(plain.parameters.get('embedding')! as Tensor);
      expect(tokens([0, 1, 1])).toBeAllClose(plain.forward(batch).tokens, exactly);
      expect(plain.forward({ ...batch, types: Int32Array.of(0, 1, 1) }).tokens).toBeAllClose(
        plain.forward(batch).tokens,
        exactly,
      );
    });
    plain.dispose();
    typed.dispose();
  });

  it('has gradients only for the embeddings of words in the batch', () => {
    const encoder = new TextEncoder(OPTIONS);
    tidy(() => {
      const weights = normal([2, 4, 8], 1);
      const { grads } = variableGrads(() => {
        const { tokens, mask } = encoder.forward(
          batchOf([
            [3, 1, 4, 1],
            [5, 3],
          ]),
        );
        return sum(mul(mul(tokens, weights), reshape(mask, [2, 4, 1])));
      });
      const slopes = grads[encoder.parameters.get('embedding')!.name]!.arraySync() as number[][];
      const learned = slopes.flatMap((row, id) => (row.some((slope) => slope !== 0) ? [id] : []));
      expect(learned).toEqual([1, 3, 4, 5]);
    });
    encoder.dispose();
  });

  it('draws its weights from the seed and disposes them', () => {
    expectSeededModule(
      (seed) => new TextEncoder({ ...OPTIONS, seed }),
      (encoder) => encoder.forward(batchOf([[3, 1, 4]])).tokens,
    );
  });

  it('refuses unknown ids, and texts that are too long or not whole rows', () => {
    const encoder = new TextEncoder(OPTIONS);
    const batch = batchOf([[3, 1, 4]]);
    expect(() => encoder.forward(batchOf([[3, 9]]))).toThrow('TextEncoder.forward: expected ids in 0 … 8, got 9');
    expect(() => encoder.forward(batchOf([[3, -1]]))).toThrow(RangeError);
    expect(() => encoder.forward(batchOf([[1, 1, 1, 1, 1, 1, 1]]))).toThrow(ShapeError);
    expect(() => encoder.forward(batchOf([[1, 1, 1, 1, 1, 1, 1]]))).toThrow('expected [B, ≤ 6], got [1, 7]');
    expect(() => encoder.forward({ ...batch, length: 2 })).toThrow('ids: expected [1 · 2], got [3]');
    expect(() => encoder.forward({ ...batch, lengths: Int32Array.of(4) })).toThrow(
      'row 0: expected 0 … 3 tokens, got 4',
    );
    encoder.dispose();
    const typed = new TextEncoder({ ...OPTIONS, tokenTypes: 2 });
    expect(() => typed.forward({ ...batch, types: Int32Array.of(0, 2, 0) })).toThrow(
      'TextEncoder.forward: expected types in 0 … 1, got 2',
    );
    expect(() => typed.forward({ ...batch, types: Int32Array.of(0, 1) })).toThrow('types: expected [3], got [2]');
    typed.dispose();
  });

  it('learns which of two words comes first', () => {
    const encoder = new TextEncoder({ ...OPTIONS, depth: 1 });
    const head = new Linear({ inputDim: 8, outputDim: 1, seed: 2 });
    const parameters = collectParameters({ encoder, head });
    const optimizer = new AdamW(parameters, { weightDecay: 0 });
    // The label is 1 if word 3 comes before word 5.
    const train = batchOf([
      [2, 3, 5, 6],
      [2, 5, 3, 6],
      [2, 6, 3, 5],
      [2, 6, 5, 3],
      [2, 3, 6, 5],
      [2, 5, 6, 3],
    ]);
    const labels = tensor1d([1, 0, 1, 0, 1, 0]);
    const logits = () => reshape(head.forward(mean(encoder.forward(train).tokens, 1)), [6]);
    for (let step = 0; step < 50; step++) {
      tidy(() => {
        const { grads } = variableGrads(() => {
          const scores = logits();
          return mean(add(softplus(scores), mul(mul(labels, scores), -1))) as Scalar; // binary cross-entropy
        });
        optimizer.apply(new Map([...parameters].map(([path, v]) => [path, grads[v.name]!])), { learningRate: 0.03 });
      });
    }
    const scores = tidy(logits);
    expect([...scores.dataSync()].map((score) => (score > 0 ? 1 : 0))).toEqual([1, 0, 1, 0, 1, 0]);
    for (const held of [optimizer, encoder, head, labels, scores]) held.dispose();
  });
});
