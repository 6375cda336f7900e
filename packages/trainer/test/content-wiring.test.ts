import { HistoryDecoder, type RankingHead } from '@sifaka/ranker';
import { type ContentInputs, RankingNetwork, sequencesOf } from '@sifaka/trainer';
import { ones, sum, type Tensor, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { batchOf, makeCatalogue, modelMaker, type Row, tinyLemur, trainingOf } from './small-world.js';

const makeModel = modelMaker();

/** A head whose logit is the sum of the group `similarity`. */
const similarityHead: RankingHead = {
  parameters: new Map(),
  forward: (features) => tidy(() => sum(features['similarity'] as Tensor, 1)),
  forwardTraining: (features) => ({ logits: similarityHead.forward(features) }),
  dispose: () => undefined,
};

test('the similarity features compare the history with the candidate, not with the query', () => {
  const [liked] = sequencesOf(tinyLemur({ sequences: { liked: { length: 1, ids: false }, disliked: { length: 0 } } }));
  const vectors = new HistoryDecoder({ groups: { context: 6 }, dim: 2, seed: 1 });
  const network = new RankingNetwork({ readers: [{ sequence: liked!, vectors }], head: similarityHead });
  tidy(() => {
    const id = tensor2d([[1]]);
    const read = { vectors: tensor3d([[[0, 3]]]), mask: ones([1, 1]), counts: { fresh: 0, stored: 1, missing: 0 } };
    const content = (query: number[], item: number[]): ContentInputs => ({
      queries: tensor2d([query]),
      items: tensor2d([item]),
      sequences: new Map([['liked', read]]),
    });
    const logit = (query: number[], item: number[]) =>
      network
        .forward(batchOf([{ item: 0 }]), { user: id, item: id, sequences: new Map() }, content(query, item))
        .logits.dataSync()[0]!;
    // One cosine in the order of the history, and the same one sorted.
    expect(logit([1, 0], [0, 2])).toBeCloseTo(2, 5);
    expect(logit([0, 2], [1, 0])).toBeCloseTo(0, 5);
  });
  network.dispose();
});

test('an item’s vector does not depend on longer texts beside it: padding reaches no encoder and no Q-Former', () => {
  const catalogue = makeCatalogue();
  const maxLength = 9;
  const documents = {
    ids: Int32Array.from({ length: catalogue.size * maxLength }, (_, k) => 4 + (k % 11)),
    lengths: Int32Array.from({ length: catalogue.size }, (_, item) => (item === 1 ? maxLength : 2)),
    maxLength,
  };
  const model = makeModel(tinyLemur(), { ...catalogue, documents });
  const alone = model.encode(Int32Array.of(0));
  const together = model.encode(Int32Array.of(0, 1)).subarray(0, alone.length);
  expect(together).toBeAllClose(alone, { atol: 1e-5 });
});

describe('a temperature near 0 makes every candidate equally likely', () => {
  const rows: Row[] = [0, 1, 2, 3].map((item) => ({ item, session: item, history: [10, 11] }));
  const step = (options: Parameters<typeof tinyLemur>[0]) =>
    trainingOf(makeModel(tinyLemur(options))).run(batchOf(rows), { step: 0 });

  test('SQDC', () => {
    const contrast = (temperature: number) => step({ sqdc: { temperature } }).contrast;
    expect(contrast(1e-6)).toBeCloseTo(Math.log(4), 5);
    expect(Math.abs(contrast(1000) - Math.log(4))).toBeGreaterThan(0.1);
  });

  test('CIC', () => {
    const contentId = (temperature: number) => step({ cic: { weight: 1, temperature } }).contentId;
    expect(contentId(1e-6)).toBeCloseTo(Math.log(4), 5);
    expect(Math.abs(contentId(1000) - Math.log(4))).toBeGreaterThan(0.1);
  });
});
