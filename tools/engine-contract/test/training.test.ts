import { type ContractEngine, onReference, smallBatches, smallTraining } from '@sifaka/engine-contract';
import { fill, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { ENGINE } from './engine.js';

const STEPS = 20;
/** An emulated GPU on two cores takes seconds per step. */
const TIMEOUT_MS = 300_000;
const BATCHES = smallBatches(STEPS + 1);

/**
 * Largest relative difference of a loss within 20 steps. Engines sum in different orders, which gives 1e-7 in the first
 * step. AdamW divides each gradient by its magnitude, so rounding decides the direction of weights with tiny gradients,
 * and runs slowly diverge.
 */
const LOSS_DRIFT: Readonly<Record<ContractEngine, number>> = {
  cpu: 0,
  wasm: 1e-5,
  tensorflow: 3e-5,
  cuda: 3e-5,
  'tensorflow-gpu': 3e-4,
  webgpu: 3e-5,
};

interface Run {
  readonly steps: readonly { readonly loss: number; readonly gradientNorm: number; readonly stalenessCosine: number }[];
  /** Of a batch that was not used for training. */
  readonly logits: Float32Array;
}

/** Trains all parts of a run: encoders, bank, ranker, both losses, clipping, both optimizers and the id tables. */
function train(): Run {
  const training = smallTraining();
  const steps = BATCHES.slice(0, STEPS).map((batch, step) => {
    const { loss, gradientNorm, stalenessCosine, skipped } = training.run(batch, { step });
    expect(skipped).toBe(false);
    return { loss, gradientNorm, stalenessCosine };
  });
  const { model } = training;
  const logits = model.predict(BATCHES[STEPS]!, model.bank);
  model.dispose();
  training.dispose();
  return { steps, logits };
}

describe('LEMUR, twenty steps', () => {
  test(
    'has the losses, gradient norms, bank and predictions of the reference',
    async () => {
      const expected = await onReference(async () => train());
      const got = train();
      const drift = LOSS_DRIFT[ENGINE];
      const losses = ({ steps }: Run) => steps.map(({ loss }) => loss);
      if (process.env['SIFAKA_CONTRACT_REPORT'] !== undefined) {
        console.log(
          'drift of the loss',
          losses(got).map((loss, i) => Math.abs(loss / losses(expected)[i]! - 1)),
        );
      }
      expect(losses(got)).toBeAllClose(losses(expected), { atol: 0, rtol: drift });
      const norms = ({ steps }: Run) => steps.map(({ gradientNorm }) => gradientNorm);
      expect(norms(got)).toBeAllClose(norms(expected), { atol: 0, rtol: 10 * drift });
      const staleness = ({ steps }: Run) => steps.map(({ stalenessCosine }) => stalenessCosine);
      expect(staleness(got)).toBeAllClose(staleness(expected), { atol: 10 * drift, rtol: 0 });
      expect(got.logits).toBeAllClose(expected.logits, { atol: 10 * drift, rtol: 10 * drift });
      // The model also learns.
      expect(mean(losses(got).slice(-5))).toBeLessThan(mean(losses(got).slice(0, 5)) - 0.1);
    },
    TIMEOUT_MS,
  );

  test(
    'skips a step in which a weight is not finite',
    () => {
      for (const [path, value] of [
        ['content.text.embedding', Number.NaN],
        ['content.image.patches.weight', Number.POSITIVE_INFINITY],
        ['head.head.weight', Number.NaN],
      ] as const) {
        const training = smallTraining();
        const weight = training.model.parameters.get(path)!;
        tidy(() => weight.assign(fill(weight.shape, value)));
        expect(training.run(BATCHES[0]!, { step: 0 }).skipped, path).toBe(true);
        training.model.dispose();
        training.dispose();
      }
    },
    TIMEOUT_MS,
  );

  test('skips a step that reads a row of NaN', () => {
    const training = smallTraining();
    training.model.tables.users.values.fill(Number.NaN);
    expect(training.run(BATCHES[0]!, { step: 0 }).skipped).toBe(true);
    training.model.dispose();
    training.dispose();
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
