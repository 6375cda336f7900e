import { type ContractEngine, onReference, smallBatches, smallRanker } from '@sifaka/engine-contract';
import { fill, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { ENGINE } from './engine.js';

const STEPS = 20;
/** A GPU that is emulated on two cores takes seconds for a step. */
const PATIENCE = 300_000;
const BATCHES = smallBatches(STEPS + 1);

/**
 * Largest relative difference of a loss in 20 steps. Engines sum in different orders (1e-7 in the first step); AdamW divides each
 * gradient by its own size, so a weight with hardly any gradient turns rounding into whole steps, and the runs drift apart slowly.
 */
const LOSS_DRIFT: Readonly<Record<ContractEngine, number>> = {
  cpu: 0,
  wasm: 1e-5,
  tensorflow: 3e-5,
  'tensorflow-gpu': 3e-4,
  webgpu: 3e-5,
};

interface Run {
  readonly steps: readonly { readonly loss: number; readonly gradientNorm: number; readonly stalenessCosine: number }[];
  /** For a batch that was not trained on. */
  readonly logits: Float32Array;
}

/** Encoders, bank, ranker, both losses, clipping, both optimizers and the id tables: all that a run is made of. */
function train(): Run {
  const model = smallRanker();
  const steps = BATCHES.slice(0, STEPS).map((batch, step) => {
    const { loss, gradientNorm, stalenessCosine, skipped } = trainingOf(model).run(batch, { step });
    expect(skipped).toBe(false);
    return { loss, gradientNorm, stalenessCosine };
  });
  const logits = model.predict(BATCHES[STEPS]!, model.bank);
  model.dispose();
  return { steps, logits };
}

describe('LEMUR, twenty steps', () => {
  test(
    'has the losses, gradients, bank and predictions that it has on the reference',
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
      // It is training that agrees, not standing still.
      expect(mean(losses(got).slice(-5))).toBeLessThan(mean(losses(got).slice(0, 5)) - 0.1);
    },
    PATIENCE,
  );

  test(
    'skips a step in which a weight is not finite, whatever the engine makes of it on the way',
    () => {
      for (const [path, value] of [
        ['content.text.embedding', Number.NaN],
        ['content.image.patches.weight', Number.POSITIVE_INFINITY],
        ['mixer.head.weight', Number.NaN],
      ] as const) {
        const model = smallRanker();
        const weight = model.parameters.get(path)!;
        tidy(() => weight.assign(fill(weight.shape, value)));
        expect(trainingOf(model).run(BATCHES[0]!, { step: 0 }).skipped, path).toBe(true);
        model.dispose();
      }
    },
    PATIENCE,
  );

  test('skips a step that reads a row of NaN', () => {
    const model = smallRanker();
    model.tables.users.values.fill(Number.NaN);
    expect(trainingOf(model).run(BATCHES[0]!, { step: 0 }).skipped).toBe(true);
    model.dispose();
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
