import { logLossFromLogits } from '@sifaka/metrics';
import { collectParameters, disposeParameters, Linear, parameter } from '@sifaka/nn';
import type {
  Features,
  HistoryReader,
  HistoryReaderInputs,
  HistoryReaderOutput,
  RankingHead,
  RankingOutput,
} from '@sifaka/ranker';
import { exportWeights, type MultimodalRanker } from '@sifaka/trainer';
import {
  add,
  concat,
  div,
  expandDims,
  mean,
  mul,
  ones,
  reshape,
  type Scalar,
  square,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { linearContent } from './linear-content.js';
import { batchOf, DIM, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { changedWeights } from './whole-state.js';

const makeModel = modelMaker();
const ID_DIM = 4;

const BATCH = batchOf(
  [
    { user: 1, item: 1, history: [10, 11, 12, 13, 14] },
    { user: 2, item: 2, label: 0, history: [12] },
    { user: 3, item: 3, history: [10, 1] },
    { user: 4, item: 4, label: 0 },
  ],
  { long: 2 },
);
const EVERY_ITEM = Int32Array.from({ length: 20 }, (_, item) => item);
const ID_ONLY = tinyIdOnly({ sequences: { long: { length: 2, ids: { kind: 'longer' } }, disliked: { length: 0 } } });

interface TrainingOnly {
  /** Auxiliary loss: this times the mean squared weight of a reader; this constant for a head. */
  readonly loss?: number;
  /** Factor on the result. */
  readonly factor?: number;
}

/** The mean of a history, scaled by a weight that starts at 1. */
class MeanReader implements HistoryReader {
  readonly outputDim = ID_DIM;
  readonly #scale = parameter(() => ones([ID_DIM]));
  readonly parameters = collectParameters({ scale: this.#scale });
  readonly #training: TrainingOnly;

  constructor(training: TrainingOnly) {
    this.#training = training;
  }

  forward({ history, mask }: HistoryReaderInputs): Tensor {
    return tidy(() => {
      const total = sum(mul(history, expandDims(mask, 2)), 1); // [B, D]
      return mul(div(total, add(sum(mask, 1, true), 1)), this.#scale);
    });
  }

  forwardTraining(inputs: HistoryReaderInputs): HistoryReaderOutput {
    const { loss = 0, factor = 1 } = this.#training;
    const auxiliaryLoss = tidy(() => mul(mean(square(this.#scale)), loss) as Scalar);
    return { vectors: tidy(() => mul(this.forward(inputs), factor)), auxiliaryLoss };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

/** A linear map of some features. */
class LinearHead implements RankingHead {
  readonly #groups: readonly string[];
  readonly #map: Linear;
  readonly #training: TrainingOnly;
  readonly parameters;

  constructor(groups: Readonly<Record<string, number>>, training: TrainingOnly) {
    this.#groups = Object.keys(groups);
    const inputDim = Object.values(groups).reduce((total, width) => total + width, 0);
    this.#map = new Linear({ inputDim, outputDim: 1, seed: 2 });
    this.#training = training;
    this.parameters = collectParameters({ map: this.#map });
  }

  forward(features: Features): Tensor {
    return tidy(() => {
      const row = concat(
        this.#groups.map((name) => features[name]!),
        1,
      );
      return reshape(this.#map.forward(row), [-1]); // [B]
    });
  }

  forwardTraining(features: Features): RankingOutput {
    const { loss, factor = 1 } = this.#training;
    const logits = tidy(() => mul(this.forward(features), factor));
    if (loss === undefined) return { logits };
    return { logits, auxiliaryLoss: tidy(() => mul(ones([]), loss) as Scalar) };
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}

test('a content encoder with a custom image encoder trains, and the image encoder’s weights move', () => {
  const content = linearContent({ vocabularySize: 16, maxLength: 4 });
  const model = makeModel(tinyLemur({ sqdc: { weight: 0 } }), undefined, { content });
  const batch = batchOf([
    { item: 1, history: [10] },
    { item: 2, label: 0 },
  ]);
  const before = exportWeights(model);
  const first = trainingOf(model).run(batch, { step: 0 });
  const changed = changedWeights(before, exportWeights(model));
  expect(changed).toEqual(expect.arrayContaining(['content.image.map.weight', 'content.text.embedding']));
  let last = first;
  for (let step = 1; step < 20; step++) last = trainingOf(model).run(batch, { step });
  expect(last.ranking).toBeLessThan(first.ranking);
  expect(model.encode(Int32Array.of(1, 2)).length).toBe(2 * DIM);
});

describe('custom readers and a custom head', () => {
  function modelWith(training: { readonly liked?: TrainingOnly; readonly long?: TrainingOnly; head?: TrainingOnly }) {
    const readers = {
      liked: { ids: new MeanReader(training.liked ?? {}) },
      long: { ids: new MeanReader(training.long ?? {}) },
    };
    return makeModel(ID_ONLY, undefined, { readers, head: (groups) => new LinearHead(groups, training.head ?? {}) });
  }

  test('trains all of them, and the loss falls', () => {
    const model = modelWith({});
    const before = exportWeights(model);
    const first = trainingOf(model).run(BATCH, { step: 0 });
    trainingOf(model).run(BATCH, { step: 1 });
    expect(changedWeights(before, exportWeights(model)).sort()).toEqual([
      'head.map.bias',
      'head.map.weight',
      'idHistory.scale',
      'longIds.scale',
    ]);
    let last = first;
    for (let step = 2; step < 40; step++) last = trainingOf(model).run(BATCH, { step });
    expect(last.loss).toBeLessThan(first.loss);
  });

  test('adds the auxiliary losses of readers and head to the total, and to nothing else', () => {
    const plain = modelWith({});
    const penalised = modelWith({ liked: { loss: 0.25 }, long: { loss: 0.5 }, head: { loss: 2 } });
    const { loss, ranking } = trainingOf(plain).run(BATCH, { step: 0 });
    expect(loss).toBe(ranking);
    const result = trainingOf(penalised).run(BATCH, { step: 0 });
    expect(result.ranking).toBe(ranking);
    expect(result.loss).toBe(Math.fround(ranking + 0.25 + 0.5 + 2)); // The weights are ones.
  });

  test('trains them by forwardTraining and scores by forward', () => {
    const scores = (model: MultimodalRanker) => model.predict(BATCH, model.bank);
    const ranking = (model: MultimodalRanker) => trainingOf(model).run(BATCH, { step: 0 }).ranking;
    for (const part of ['liked', 'long', 'head']) {
      const [plain, other] = [modelWith({}), modelWith({ [part]: { factor: 100 } })];
      expect(scores(other)).toEqual(scores(plain));
      expect(ranking(other)).not.toBeCloseTo(ranking(plain), 3);
    }
  });
});

describe('forward is the same in training and in scoring', () => {
  const VARIANTS = {
    lemur: tinyLemur({ sequences: { long: { length: 2 } } }),
    'lemur, whose ranking loss stops before the encoders': tinyLemur({
      sequences: { long: { length: 2 } },
      rankingTrainsEncoders: false,
    }),
    'lemur with an MLP': tinyLemur({ sequences: { long: { length: 2 } }, head: { kind: 'mlp', hiddenDims: [8] } }),
    idOnly: ID_ONLY,
  };

  test.each(Object.entries(VARIANTS))('%s: the ranking loss is the log loss of the predicted logits', (_, options) => {
    const model = makeModel(options);
    model.warmUp(EVERY_ITEM, 0);
    for (const { updates } of [model.tables.users, model.tables.items]) updates.fill(1); // Otherwise read as unknown.
    const logits = model.predict(BATCH, model.bank.reader());
    const { ranking, historyMissing } = trainingOf(model).run(BATCH, { step: 1, rate: 0 });
    expect(historyMissing).toBe(0);
    expect(ranking).toBeCloseTo(logLossFromLogits(logits, BATCH.labels), 6);
  });
});
