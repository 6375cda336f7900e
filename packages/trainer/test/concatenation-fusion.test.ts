import { ShapeError } from '@sifaka/nn';
import { FusionQFormer, type ModalityInputs } from '@sifaka/qformer';
import { normal } from '@sifaka/test-kit';
import { ConcatenationFusion, type ContentFusion } from '@sifaka/trainer';
import { ones, type Tensor, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const DIM = 4;
let concatenation: ConcatenationFusion;
let queryFormer: FusionQFormer<'image' | 'text'>;

beforeAll(() => {
  concatenation = new ConcatenationFusion({ dim: DIM, seed: 1 });
  queryFormer = new FusionQFormer({ modalities: ['image', 'text'], dim: DIM, heads: 2, seed: 1 });
});
afterAll(() => {
  concatenation.dispose();
  queryFormer.dispose();
});

type Inputs = ModalityInputs<'image' | 'text'>;

describe('ConcatenationFusion', () => {
  test('maps the mean tokens of both modalities, side by side', () => {
    tidy(() => {
      const [image, text] = [normal([2, 3, DIM], 1), normal([2, 2, DIM], 2)];
      const mask = tensor2d([
        [1, 1, 0],
        [0, 0, 0],
      ]);
      const { vector } = concatenation.forward({ image: { tokens: image, mask }, text: { tokens: text } });
      const [images, texts] = [image, text].map((tokens) => tokens.arraySync() as number[][][]);
      const mean = (rows: number[][]) =>
        rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
      const inputs = [
        [...mean(images![0]!.slice(0, 2)), ...mean(texts![0]!)],
        [...Array<number>(DIM).fill(0), ...mean(texts![1]!)],
      ];
      const weight = concatenation.parameters.get('output.weight')!.arraySync() as number[][];
      const expected = inputs.map((row) =>
        weight[0]!.map((_, k) => row.reduce((sum, x, i) => sum + x * weight[i]![k]!, 0)),
      );
      expect(vector).toBeAllClose(expected, { atol: 1e-5 });
    });
  });

  test('takes an omitted modality, one without tokens and one of masked tokens for the same', () => {
    tidy(() => {
      const text = { tokens: normal([2, 2, DIM], 2) };
      const of = (inputs: Inputs) => concatenation.forward(inputs).vector;
      const omitted = of({ text });
      expect(of({ text, image: { tokens: zeros([2, 0, DIM]) } })).toBeAllClose(omitted);
      expect(of({ text, image: { tokens: normal([2, 3, DIM], 1), mask: zeros([2, 3]) } })).toBeAllClose(omitted);
    });
  });

  test.each<[string, () => Inputs]>([
    [
      'an unknown modality',
      () => ({ image: { tokens: ones([2, 3, DIM]) }, audio: { tokens: ones([2, 3, DIM]) } }) as Inputs,
    ],
    ['no modality', () => ({})],
    ['tokens of another width', () => ({ image: { tokens: ones([2, 3, DIM + 1]) } })],
    ['tokens without an axis for tokens', () => ({ text: { tokens: ones([2, DIM]) } })],
    ['batches that differ', () => ({ image: { tokens: ones([2, 3, DIM]) }, text: { tokens: ones([3, 3, DIM]) } })],
    ['a mask of other tokens', () => ({ text: { tokens: ones([2, 3, DIM]), mask: ones([2, 4]) } })],
    ['a mask of other items', () => ({ text: { tokens: ones([2, 3, DIM]), mask: ones([3, 3]) } })],
  ])('refuses %s as FusionQFormer does', (_, inputs) => {
    tidy(() => {
      const refusal = (fusion: ContentFusion | FusionQFormer<'image' | 'text'>): Error => {
        try {
          fusion.forward(inputs() as ModalityInputs<'image' | 'text'> & Record<string, { tokens: Tensor }>);
        } catch (error) {
          return error as Error;
        }
        throw new Error('expected a refusal, got none');
      };
      const [own, other] = [refusal(concatenation), refusal(queryFormer)];
      expect(own.message).toBe(other.message.replace('FusionQFormer', 'ConcatenationFusion'));
      expect([own.name, ShapeError.isInstance(own)]).toEqual([other.name, ShapeError.isInstance(other)]);
    });
  });
});
