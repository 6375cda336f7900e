import { buildRanker, TrainingStep } from '@sifaka/trainer/model';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { batchOf, makeCatalogue, tinyIdOnly, tinyLemur, tinyTwoStage, USERS } from './small-world.js';

const BATCH = batchOf([
  { item: 1, history: [10] },
  { item: 2, label: 0 },
]);

describe.each(Object.entries({ lemur: tinyLemur(), twoStage: tinyTwoStage(), idOnly: tinyIdOnly() }))(
  'the tensors of %s',
  (_, options) => {
    test('are its parameters when it serves, and moments too from its first step on', () => {
      const none = memory().numTensors;
      const model = buildRanker(options, { catalogue: makeCatalogue(), numUsers: USERS });
      const serving = memory().numTensors;
      expect(serving - none).toBe(model.parameters.size);
      const scores = model.predict(BATCH, model.encodeBank(Int32Array.of(1, 2, 10)));
      expect(memory().numTensors).toBe(serving);

      const training = new TrainingStep(model);
      expect(memory().numTensors).toBe(serving);
      training.run(BATCH, { step: 0, rate: 0 });
      const trained = memory().numTensors;
      expect(trained).toBeGreaterThan(serving);
      training.run(BATCH, { step: 1, rate: 0 });
      expect(memory().numTensors).toBe(trained);
      training.dispose();
      training.dispose();
      expect(memory().numTensors).toBe(serving);

      expect(model.predict(BATCH, model.encodeBank(Int32Array.of(1, 2, 10)))).toHaveLength(scores.length);
      model.dispose();
      model.dispose();
      expect(memory().numTensors).toBe(none);
    });
  },
);
