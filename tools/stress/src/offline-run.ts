import { useEngine } from '@sifaka/backend';
import { buildRanker, evaluate, listCheckpoints, loadCheckpoint, TrainingStep, train } from '@sifaka/trainer';
import { smallCatalogue, smallOptions, smallSamples, USERS } from './small-world.js';
import { digest, wholeDigest } from './whole-digest.js';

const STEPS = 40;

/** Trains with a checkpoint after each step, from the newest one on. Prints each step, and digests of the result. */
export async function run([folder = '', seed = '']: readonly string[]): Promise<void> {
  await useEngine('wasm');
  const world = smallSamples(Number(seed));
  const { catalogue } = await smallCatalogue();
  const training = new TrainingStep(buildRanker(smallOptions(Number(seed)), { catalogue, numUsers: USERS }));
  const checkpoints = { folder, fingerprint: 'stress' };
  const [newest] = await listCheckpoints(folder);
  const from = newest === undefined ? undefined : await loadCheckpoint(training, newest, checkpoints);
  console.log(`step ${from?.step ?? 0}`);
  const { state } = await train(training, {
    ...world,
    steps: STEPS,
    batchSize: 16,
    evaluateEvery: 5,
    checkpointEvery: 1,
    checkpoints,
    ...(from && { from }),
    onStep: ({ step }) => console.log(`step ${step - 1}`), // The checkpoint of this step is not written yet.
  });
  const { trainingSeconds: _, best, ...rest } = state;
  const scores = evaluate(training.model, { ...world, indices: world.split.test });
  const result = { ...wholeDigest(training), best: digest(best), state: digest(rest), scores: digest(scores) };
  console.log(`result ${JSON.stringify(result)}`);
}
