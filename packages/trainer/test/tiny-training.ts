import { buildRanker, type Catalogue, idOnly, type RunState, TrainingStep } from '@sifaka/trainer';

/** A small id-only model. It imports no test runner, so that other processes can use it. */
export function tinyTraining(): TrainingStep {
  const size = 20;
  const texts = { ids: new Int32Array(size), lengths: new Int32Array(size), maxLength: 1 };
  const catalogue: Catalogue = {
    size,
    vocabularySize: 8,
    format: { start: [2], between: [3], end: [], padding: 0, types: [0, 1] },
    images: { pixels: new Uint8Array(size * 3), height: 1, width: 1, present: new Uint8Array(size) },
    documents: texts,
    titles: texts,
  };
  const options = idOnly({ dim: 8, idDim: 4, sequences: { liked: { length: 2 }, disliked: { length: 0 } } });
  return new TrainingStep(buildRanker(options, { catalogue, numUsers: 30 }));
}

export function stateAt(step: number): RunState {
  return { step, losses: [], validations: [], best: undefined, skippedSteps: 0, sums: {}, trainingSeconds: 0 };
}
