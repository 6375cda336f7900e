import { type MultimodalRanker, type TrainResult, train } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { makeWorld, modelMaker, tinyIdOnly, tinyLemur, tinyTwoStage, trainingOf } from './small-world.js';

const makeModel = modelMaker();
const world = makeWorld({ events: 300 });

function trainSteps(model: MultimodalRanker, steps: number): Promise<TrainResult> {
  return train(trainingOf(model), { ...world, batchSize: 16, steps });
}

const sizeOf = (weights: MultimodalRanker['parameters']) =>
  [...weights.values()].reduce((total, { size }) => total + size, 0);

const tablesOf = ({ tables: { users, items } }: MultimodalRanker) => users.values.length + items.values.length;

describe('rankingCost', () => {
  test('counts the weights that ranking steps train: all of a joint model, without the encoders of a frozen one', async () => {
    const joint = makeModel(tinyLemur(), world.catalogue);
    const { rankingCost: ofJoint } = await trainSteps(joint, 2);
    expect(ofJoint!.trainedParameters).toBe(sizeOf(joint.parameters) + tablesOf(joint));

    const frozen = makeModel(tinyTwoStage({ pretrainSteps: 1 }), world.catalogue);
    const { rankingCost: ofFrozen } = await trainSteps(frozen, 3);
    expect(sizeOf(frozen.encoderParameters)).toBeGreaterThan(0);
    expect(ofFrozen!.trainedParameters).toBe(sizeOf(frozen.rankerParameters) + tablesOf(frozen));
  });

  test('is of ranking steps alone: their time, and a peak with all weights and moments in it', async () => {
    const model = makeModel(tinyTwoStage({ pretrainSteps: 2 }), world.catalogue);
    const { rankingCost, stepMs } = await trainSteps(model, 3);
    expect(rankingCost!.stepMs).toBeGreaterThan(0);
    // Two contrast steps and a ranking step.
    expect(stepMs['total']! * 3).toBeGreaterThan(rankingCost!.stepMs);
    const bytes = 4 * (sizeOf(model.parameters) + 2 * sizeOf(model.rankerParameters));
    expect(rankingCost!.peakTensorMiB * 2 ** 20).toBeGreaterThan(bytes);
  });

  test('needs more memory for longer sequences, and is undefined without a ranking step', async () => {
    const peaks: number[] = [];
    for (const length of [8, 2]) {
      const model = makeModel(tinyIdOnly({ sequences: { liked: { length } } }), world.catalogue);
      peaks.push((await trainSteps(model, 2)).rankingCost!.peakTensorMiB);
      trainingOf(model).dispose();
      model.dispose(); // The weights of a living model count.
    }
    expect(peaks[0]).toBeGreaterThan(peaks[1]!);

    const stopped = makeModel(tinyIdOnly(), world.catalogue);
    const signal = AbortSignal.abort();
    const { rankingCost } = await train(trainingOf(stopped), { ...world, batchSize: 16, steps: 1, signal });
    expect(rankingCost).toBeUndefined();
  });
});
