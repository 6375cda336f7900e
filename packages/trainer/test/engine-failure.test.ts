import { loadCheckpoint, TrainingError, train } from '@sifaka/trainer';
import { backend } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { folderMaker } from './checkpoint-folder.js';
import { colourEvents, onlineMaker, rawItem } from './online-world.js';
import { makeWorld, modelMaker, tinyLemur, trainingOf } from './small-world.js';
import { wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const makeOnline = onlineMaker();

/** Takes all memory that the wasm engine can get. @returns a function that frees it */
function fillMemory(): () => void {
  const { wasm } = backend() as unknown as {
    readonly wasm: { _malloc(bytes: number): number; _free(address: number): void };
  };
  const taken: number[] = [];
  for (let bytes = 2 ** 30; bytes >= 256; ) {
    try {
      taken.push(wasm._malloc(bytes));
    } catch {
      bytes /= 2;
    }
  }
  return () => {
    for (const address of taken) wasm._free(address);
  };
}

// @sifaka/backend tests the messages of other engines. Filling their memory would fill the machine's.
const onWasm = (process.env['SIFAKA_TEST_ENGINE'] ?? 'wasm') === 'wasm';

test.runIf(onWasm)(
  'an engine out of memory: the error names the step, and the run continues from its checkpoint',
  async () => {
    const world = makeWorld({ events: 300 });
    const checkpoints = { folder: makeFolder(), fingerprint: 'small-world' };
    const settings = { ...world, batchSize: 16, steps: 6, evaluateEvery: 6, checkpointEvery: 2 };

    let giveBack = () => {};
    const failing = train(trainingOf(makeModel(tinyLemur(), world.catalogue)), {
      ...settings,
      checkpoints,
      onStep: ({ step }) => {
        if (step === 3) giveBack = fillMemory();
      },
    });
    const error = await failing.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    giveBack();
    if (!TrainingError.isInstance(error)) throw error;
    expect(error.step).toBe(4);
    expect(error.message).toMatch(
      /^Training stopped in step 4\. Engine wasm: out of memory \(WebAssembly memory is full/,
    );
    expect(error.message).toContain(`Try: a smaller batch`);
    expect(error.checkpoint).toMatch(/step-00000002$/);

    const resumed = makeModel(tinyLemur(), world.catalogue);
    const from = await loadCheckpoint(trainingOf(resumed), error.checkpoint!, checkpoints);
    await train(trainingOf(resumed), { ...settings, from });
    const whole = makeModel(tinyLemur(), world.catalogue);
    await train(trainingOf(whole), settings);
    expect(wholeState(trainingOf(resumed))).toEqual(wholeState(trainingOf(whole)));
  },
);

test.runIf(onWasm)('adding items and learning online fail in the same way', async () => {
  const folder = makeFolder();
  const trainer = await makeOnline({ options: tinyLemur(), stream: { batchSize: 8 } });
  await trainer.run(colourEvents(24), { checkpoints: { folder, every: 2 } });
  const items = [await rawItem('new', true)];
  const events = colourEvents(8, { from: 24 });
  const giveBack = fillMemory();
  const caught = (thrown: unknown) => thrown;
  const errors = [await trainer.addItems(items).catch(caught), await trainer.run([{ items }]).catch(caught)];
  for (const event of events) errors.push(await trainer.push(event).catch(caught));
  giveBack();
  const failures = errors.filter((error) => error !== undefined);
  expect(failures).toHaveLength(3);
  for (const error of failures) {
    if (!TrainingError.isInstance(error)) throw error;
    expect(error.message).toMatch(/^Training stopped in step 4\. Engine wasm: out of memory/);
    expect(error.checkpoint).toMatch(/online-0000000024$/);
  }
  expect(await trainer.addItems(items)).toMatchObject({ added: 1, replaced: 0 }); // Nothing was added before.
  expect(trainer.model.bank.has(12)).toBe(true);
});
