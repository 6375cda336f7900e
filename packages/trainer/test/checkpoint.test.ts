import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TextTokenizer } from '@sifaka/encoders/node';
import { MemoryBank } from '@sifaka/memory-bank';
import { readSafetensors, type SafetensorsEntry, writeSafetensors } from '@sifaka/nn';
import {
  type Catalogue,
  CheckpointError,
  exportMoments,
  exportWeights,
  listCheckpoints,
  loadCheckpoint,
  type MultimodalRanker,
  type RunState,
  saveCheckpoint,
} from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { folderMaker, resign, rewrite } from './checkpoint-folder.js';
import { batchOf, DIM, makeCatalogue, modelMaker, tinyIdOnly, tinyLemur, trainingOf } from './small-world.js';
import { comparableRun, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const FINGERPRINT = 'data-1';
const FILES = [
  'bank/bank.safetensors',
  'best/items.safetensors',
  'best/model.safetensors',
  'best/optimizer.safetensors',
  'best/users.safetensors',
  'ids.json',
  'model.safetensors',
  'optimizer.safetensors',
  'state.json',
  'tables/items.safetensors',
  'tables/users.safetensors',
  'tokenizer.json',
];

const tokenizer = await TextTokenizer.train(['a film about a lemur'], { vocabularySize: 270 });

function steppedModel(): MultimodalRanker {
  const model = makeModel(tinyLemur());
  trainingOf(model).run(
    batchOf([
      {
        item: 1,
        history: [2],
        recent: [
          [2, 1],
          [5, 0],
        ],
      },
      { item: 2, user: 3, label: 0 },
    ]),
    { step: 0 },
  );
  return model;
}

function stateOf(model: MultimodalRanker, step = 7): RunState {
  const [weights, moments] = [exportWeights(model), exportMoments(trainingOf(model))];
  const best = { step: 3, metric: 'gauc', value: 0.625, weights, moments } as const;
  return {
    step,
    losses: [{ step: 5, ranking: 0.1 + 0.2, contrast: null }],
    validations: [
      {
        ...{ step: 5, auc: 2 / 3, gauc: 0.5, gaucByVisit: Number.NaN, logLoss: 0.7, coldAuc: null, coldGauc: 0.25 },
        ...{ stalenessCosine: 1 / 3, coverage: 1, bank: null },
      },
    ],
    best,
    skippedSteps: 2,
    sums: { ranking: [Math.PI, 3] },
    trainingSeconds: 1.25,
  };
}

/** A checkpoint of a model after one step. */
async function saved({ step = 7, folder = makeFolder() } = {}) {
  const model = steppedModel();
  const state = stateOf(model, step);
  const checkpoint = await saveCheckpoint(trainingOf(model), state, {
    folder,
    fingerprint: FINGERPRINT,
    tokenizer,
  });
  return { model, state, folder, checkpoint };
}

/** The error of loading into a new model. Checks that the model stays as it was. */
async function refusal(
  checkpoint: string,
  { options = tinyLemur(), fingerprint = FINGERPRINT, catalogue = makeCatalogue() } = {},
) {
  const model = makeModel(options, catalogue);
  const before = wholeState(trainingOf(model));
  const error = await loadCheckpoint(trainingOf(model), checkpoint, { fingerprint }).then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  if (!CheckpointError.isInstance(error)) throw new Error(`expected a CheckpointError, got ${error}`);
  expect(wholeState(trainingOf(model))).toEqual(before);
  return error;
}

describe('saving and loading', () => {
  test('gives a model of the same options all weights and the state of the run, bit for bit', async () => {
    const { model, state, folder, checkpoint } = await saved();
    expect(path.relative(folder, checkpoint)).toBe('step-00000007');
    expect(filesIn(checkpoint)).toEqual(FILES);
    const other = makeModel(tinyLemur());
    expect(wholeState(trainingOf(other))).not.toEqual(wholeState(trainingOf(model)));
    const loaded = await loadCheckpoint(trainingOf(other), checkpoint, { fingerprint: FINGERPRINT });
    expect(comparableRun(loaded)).toEqual(comparableRun(state));
    expect(loaded.trainingSeconds).toBe(1.25);
    expect(wholeState(trainingOf(other))).toEqual(wholeState(trainingOf(model)));
    const batch = batchOf([
      {
        item: 3,
        history: [1],
        recent: [
          [2, 0],
          [1, 1],
        ],
      },
    ]);
    expect(other.predict(batch, other.bank)).toEqual(model.predict(batch, model.bank));
  });

  test('a bank that was given stays, and its hooks follow', async () => {
    const { model: source, checkpoint } = await saved();
    const changes: string[] = [];
    const bank = new MemoryBank({ dim: DIM, onChange: ({ kind }) => changes.push(kind) });
    const model = makeModel(tinyLemur());
    model.replaceBank(bank);
    await loadCheckpoint(trainingOf(model), checkpoint, { fingerprint: FINGERPRINT });
    expect(model.bank).toBe(bank);
    expect(changes).toEqual(['restore', 'restored']);
    expect(bank.snapshot()).toEqual(source.bank.snapshot());
  });

  test('a bank that was given and cannot hold the saved one is refused, and nothing changes', async () => {
    const { checkpoint } = await saved();
    const model = makeModel(tinyLemur());
    model.replaceBank(new MemoryBank({ dim: DIM, capacity: 1 }));
    const before = wholeState(trainingOf(model));
    const loading = loadCheckpoint(trainingOf(model), checkpoint, { fingerprint: FINGERPRINT });
    await expect(loading).rejects.toThrow(/bank\.safetensors: .*capacity/);
    expect(wholeState(trainingOf(model))).toEqual(before);
  });

  test('a state without a best validation has no best weights', async () => {
    const model = steppedModel();
    const { best: _, ...state } = stateOf(model);
    const options = { folder: makeFolder(), fingerprint: FINGERPRINT };
    const checkpoint = await saveCheckpoint(trainingOf(model), { ...state, best: undefined }, options);
    expect(existsSync(path.join(checkpoint, 'best'))).toBe(false);
    const loaded = await loadCheckpoint(trainingOf(makeModel(tinyLemur())), checkpoint, options);
    expect(loaded).toEqual({ ...state, best: undefined });
  });

  test('keeps NaN', async () => {
    const model = steppedModel();
    const [point] = stateOf(model).validations;
    const state = { ...stateOf(model), validations: [{ ...point!, auc: Number.NaN, gauc: Number.NaN }] };
    const options = { folder: makeFolder(), fingerprint: FINGERPRINT };
    const checkpoint = await saveCheckpoint(trainingOf(model), state, options);
    const loaded = await loadCheckpoint(trainingOf(makeModel(tinyLemur())), checkpoint, options);
    expect(comparableRun(loaded)).toEqual(comparableRun(state));
  });

  test('reads the counts of earlier versions, which were those of all weights together', async () => {
    const { model, state, checkpoint } = await saved();
    const counts = { encoder: 3, ranker: 4 };
    for (const file of ['optimizer.safetensors', 'best/optimizer.safetensors']) {
      const { tensors } = readSafetensors(readFileSync(path.join(checkpoint, file)));
      const earlier = [...tensors].filter(([name]) => !name.endsWith('.updates'));
      rewrite(checkpoint, file, writeSafetensors(new Map(earlier)));
    }
    resign(checkpoint, (found) => ({
      ...found,
      optimizerUpdates: counts,
      best: { ...(found['best'] as object), optimizerUpdates: counts },
    }));
    const training = trainingOf(makeModel(tinyLemur()));
    const loaded = await loadCheckpoint(training, checkpoint, { fingerprint: FINGERPRINT });
    const { updates } = training.encoderOptimizer.state();
    expect([...updates]).toEqual([...model.encoderParameters].map(() => counts.encoder));
    expect(training.rankerOptimizer.updates).toBe(counts.ranker);
    expect([loaded.best!.moments.encoder.updates, loaded.best!.moments.ranker.updates]).toEqual([3, 4]);
    // Saved again, they are still those of all weights.
    const again = await saveCheckpoint(training, loaded, { folder: makeFolder(), fingerprint: FINGERPRINT });
    const other = trainingOf(makeModel(tinyLemur()));
    const { best } = await loadCheckpoint(other, again, { fingerprint: FINGERPRINT });
    expect(other.encoderOptimizer.state()).toEqual(training.encoderOptimizer.state());
    expect(best!.moments).toEqual(loaded.best!.moments);
    expect(state.best!.moments.encoder.firstMoment).toEqual(best!.moments.encoder.firstMoment);
  });

  test('works for an id-only model, which has an empty bank and no encoders', async () => {
    const model = makeModel(tinyIdOnly());
    trainingOf(model).run(batchOf([{ item: 1, history: [2] }]), { step: 0 });
    const options = { folder: makeFolder(), fingerprint: FINGERPRINT };
    const checkpoint = await saveCheckpoint(trainingOf(model), stateOf(model), options);
    const other = makeModel(tinyIdOnly());
    await loadCheckpoint(trainingOf(other), checkpoint, options);
    expect(wholeState(trainingOf(other))).toEqual(wholeState(trainingOf(model)));
  });
});

describe('loading refuses, and leaves the model as it was,', () => {
  test('a flipped byte in any file', async () => {
    const { checkpoint } = await saved();
    for (const name of FILES) {
      const file = path.join(checkpoint, name);
      const bytes = readFileSync(file);
      const damaged = Uint8Array.from(bytes);
      damaged[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file, damaged);
      const { path: named, message } = await refusal(checkpoint);
      expect([name, named]).toEqual([name, file]);
      expect(message).toMatch(/damaged/);
      writeFileSync(file, bytes);
    }
    await loadCheckpoint(trainingOf(makeModel(tinyLemur())), checkpoint, { fingerprint: FINGERPRINT });
  });

  test('a number changed by hand in state.json', async () => {
    const { checkpoint } = await saved();
    const file = path.join(checkpoint, 'state.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"step": 7', '"step": 8'));
    expect((await refusal(checkpoint)).message).toMatch(/state\.json: its checksum differs/);
  });

  test('a truncated or missing file', async () => {
    for (const name of FILES) {
      const { checkpoint } = await saved();
      const file = path.join(checkpoint, name);
      writeFileSync(file, readFileSync(file).subarray(0, -1000));
      expect((await refusal(checkpoint)).message).toMatch(/damaged/);
      rmSync(file);
      expect((await refusal(checkpoint)).message).toContain('found none');
    }
  });

  test('a missing folder', async () => {
    const missing = path.join(makeFolder(), 'step-00000001');
    expect((await refusal(missing)).message).toBe(`Checkpoint ${missing}: expected state.json, found none`);
  });

  test('a folder or a file that the system refuses to read is no missing one', async () => {
    const folder = makeFolder();
    const loop = path.join(folder, 'loop');
    symlinkSync(loop, loop);
    await expect(listCheckpoints(loop)).rejects.toThrow(/loop: expected to list its checkpoints, got ELOOP/);
    expect(await listCheckpoints(path.join(folder, 'none'))).toEqual([]);
    const { checkpoint } = await saved();
    const weights = path.join(checkpoint, 'model.safetensors');
    rmSync(weights);
    mkdirSync(weights);
    expect((await refusal(checkpoint)).message).toMatch(/model\.safetensors: expected to read the file, got EISDIR/);
  });

  test('options of another run, naming those that differ', async () => {
    const { checkpoint } = await saved();
    const { message } = await refusal(checkpoint, { options: tinyLemur({ seed: 2, dim: 32 }) });
    expect(message).toMatch(/seed: 1 there, 2 here; dim: 16 there, 32 here/);
    expect((await refusal(checkpoint, { options: tinyIdOnly() })).message).toMatch(
      /preset: "lemur" there, "idOnly" here/,
    );
    const nested = tinyLemur({ sequences: { disliked: { length: 0, ids: false } }, optimizer: { clipNorm: 2 } });
    expect((await refusal(checkpoint, { options: nested })).message).toBe(
      `Checkpoint ${checkpoint}: expected the options of this run, got those of another (` +
        'sequences.disliked.length: 3 there, 0 here; ' +
        'sequences.disliked.ids: {"kind":"decoder","depth":1,"attention":{"kind":"printed"}} there, false here; ' +
        'optimizer.clipNorm: 1000000000 there, 2 here)',
    );
    const other = tinyLemur({ head: { feedForward: { kind: 'experts', experts: 2 } } });
    expect((await refusal(checkpoint, { options: other })).message).toContain(
      'head.feedForward.kind: "dense" there, "experts" here; head.feedForward.experts: undefined there, 2 here',
    );
  });

  test('a catalogue with other contents, naming the parts that differ', async () => {
    const { checkpoint } = await saved();
    const start = makeCatalogue();
    const { images, documents, titles } = start;
    const changed = <Values extends Int32Array | Uint8Array>(values: Values): Values => {
      const copy = values.slice() as Values;
      copy[7] = copy[7]! ^ 1;
      return copy;
    };
    const edited: [Catalogue, string][] = [
      [{ ...start, images: { ...images, pixels: changed(images.pixels) } }, 'other images'],
      [{ ...start, images: { ...images, present: changed(images.present) } }, 'other images'],
      [{ ...start, documents: { ...documents, ids: changed(documents.ids) } }, 'other documents'],
      [{ ...start, titles: { ...titles, lengths: changed(titles.lengths) } }, 'other titles'],
      [{ ...start, format: { ...start.format, between: [1] } }, 'other vocabulary'],
    ];
    for (const [catalogue, part] of edited) {
      expect((await refusal(checkpoint, { catalogue })).message).toBe(
        `Checkpoint ${checkpoint}: expected the catalogue that it was trained on, got another (${part})`,
      );
    }
    expect((await refusal(checkpoint, { catalogue: makeCatalogue({ size: 41 }) })).message).toContain(
      '(40 items there, 41 here, other images, other documents, other titles)',
    );
  });

  /** Each file, a tensor of it, and what is said if it is not there. */
  const TENSORS = [
    [
      'model.safetensors',
      'content.image.patches.weight',
      'importParameters: expected a weight named content.image.patches.weight, got none',
    ],
    ['tables/users.safetensors', 'values', 'expected a tensor values of type F32, got none'],
    ['tables/items.safetensors', 'updates', 'expected a tensor updates of type I32, got none'],
    ['optimizer.safetensors', 'ranker.secondMoment', 'expected a tensor ranker.secondMoment of type F32, got none'],
    ['optimizer.safetensors', 'encoder.updates', 'expected a tensor encoder.updates of type I32, got none'],
    [
      'best/model.safetensors',
      'content.image.patches.weight',
      /expected a weight named content\.image\.patches\.weight, got none/,
    ],
    ['best/users.safetensors', 'updates', 'expected a tensor updates of type I32, got none'],
    ['best/optimizer.safetensors', 'items.firstMoments', /expected a tensor items.firstMoments of type F32, got none/],
  ] as const;

  test.each(TENSORS)(
    '%s without %s, or with another size or type of it, and names the file',
    async (file, name, said) => {
      const { checkpoint } = await saved();
      const location = path.join(checkpoint, file);
      const { tensors } = readSafetensors(readFileSync(location));
      const entry = tensors.get(name)!;
      const longer = entry.data.length + 1;
      const data = entry.dtype === 'F32' ? new Float32Array(longer) : new Int32Array(longer);
      const changes: (readonly [change: SafetensorsEntry | undefined, message: string | RegExp])[] = [
        [undefined, said],
        [{ ...entry, shape: [longer], data } as SafetensorsEntry, /expected .*, got /],
        [{ ...entry, dtype: 'F64', data: new Float64Array(entry.data.length) } as SafetensorsEntry, /got F64/],
      ];
      for (const [change, message] of changes) {
        const others = new Map([...tensors].filter(([each]) => each !== name));
        rewrite(checkpoint, file, writeSafetensors(change === undefined ? others : others.set(name, change)));
        const error = await refusal(checkpoint);
        expect(error.path).toBe(location);
        expect(error.message).toMatch(message);
      }
    },
  );

  test('a file that state.json does not list', async () => {
    for (const file of ['bank/bank.safetensors', 'best/items.safetensors', 'optimizer.safetensors']) {
      const { checkpoint } = await saved();
      resign(checkpoint, ({ checksums, ...state }) => {
        const { [file]: _, ...others } = checksums as Record<string, string>;
        return { ...state, checksums: others };
      });
      expect((await refusal(checkpoint)).message).toBe(
        `Checkpoint ${path.join(checkpoint, file)}: expected it to be listed in state.json`,
      );
    }
  });

  test('other data', async () => {
    const { checkpoint } = await saved();
    expect((await refusal(checkpoint, { fingerprint: 'data-2' })).message).toMatch(/expected data data-2, got data-1/);
  });

  test('another schema, such as 3 of earlier versions', async () => {
    const { checkpoint } = await saved();
    const file = path.join(checkpoint, 'state.json');
    const state = JSON.parse(readFileSync(file, 'utf8')) as object;
    for (const [content, got] of [
      [{ ...state, schema: 3 }, '3'],
      [{ schema: 99 }, '99'],
      [null, 'undefined'],
    ] as const) {
      writeFileSync(file, JSON.stringify(content));
      expect((await refusal(checkpoint)).message).toBe(`Checkpoint ${file}: expected schema 4, got ${got}`);
    }
  });
});

describe('a folder of checkpoints', () => {
  test('keeps the newest two', async () => {
    const { folder } = await saved({ step: 9 });
    await saved({ step: 10, folder });
    const { checkpoint } = await saved({ step: 100, folder });
    expect(await listCheckpoints(folder)).toEqual([checkpoint, path.join(folder, 'step-00000010')]);
  });

  test('keeps the checkpoint just saved, even if another run left later steps', async () => {
    const { folder } = await saved({ step: 50 });
    await saved({ step: 60, folder });
    const { checkpoint, state } = await saved({ step: 5, folder });
    expect(readdirSync(folder).sort()).toEqual(['step-00000005', 'step-00000060']);
    const loaded = await loadCheckpoint(trainingOf(makeModel(tinyLemur())), checkpoint, { fingerprint: FINGERPRINT });
    expect(comparableRun(loaded)).toEqual(comparableRun(state));
  });

  test('replaces a step that is saved again', async () => {
    const { folder } = await saved();
    const { checkpoint, model } = await saved({ folder });
    expect(await listCheckpoints(folder)).toEqual([checkpoint]);
    const other = makeModel(tinyLemur());
    await loadCheckpoint(trainingOf(other), checkpoint, { fingerprint: FINGERPRINT });
    expect(wholeState(trainingOf(other))).toEqual(wholeState(trainingOf(model)));
  });

  test('ignores a half-written checkpoint of a killed process, and overwrites it', async () => {
    const folder = makeFolder();
    const partial = path.join(folder, '.step-00000007.partial');
    mkdirSync(path.join(partial, 'tables'), { recursive: true });
    writeFileSync(path.join(partial, 'tables/leftover.safetensors'), 'half');
    writeFileSync(path.join(folder, 'notes.txt'), 'no checkpoint either');
    expect(await listCheckpoints(folder)).toEqual([]);
    const { checkpoint } = await saved({ folder });
    expect(await listCheckpoints(folder)).toEqual([checkpoint]);
    expect(filesIn(checkpoint)).toEqual(FILES);
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'step-00000007']);
  });

  test('has no checkpoints if it does not exist', async () => {
    expect(await listCheckpoints(path.join(makeFolder(), 'nothing'))).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
