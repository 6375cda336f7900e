import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrozenPrefixStore } from '@sifaka/encoders';
import { FrozenPrefixFolder } from '@sifaka/encoders/node';
import { exportParameters, readSafetensors, writeSafetensors } from '@sifaka/nn';
import {
  type CheckpointError,
  exportMergedWeights,
  exportWeights,
  importWeights,
  loadCheckpoint,
  type MultimodalRanker,
  type PresetOverrides,
  peakTensorBytes,
  type RankerOptions,
  saveCheckpoint,
  train,
} from '@sifaka/trainer';
import { add, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { folderMaker, resign, sha256 } from './checkpoint-folder.js';
import { batchOf, DIM, makeWorld, modelMaker, tinyLemur, trainingOf } from './small-world.js';
import { stateAt } from './tiny-training.js';
import { changedWeights, wholeState } from './whole-state.js';

const makeModel = modelMaker();
const makeFolder = folderMaker();
const world = makeWorld({ events: 300 });

type Encoders = Pick<NonNullable<RankerOptions['content']>, 'image' | 'text'>;

const FROZEN: Encoders = { image: { train: { kind: 'frozen' } }, text: { train: { kind: 'frozen' } } };
const TOP: Encoders = { image: { train: { kind: 'frozen' } }, text: { train: { kind: 'top', blocks: 1 } } };
const LORA: Encoders = {
  image: { train: { kind: 'lora', rank: 2 } },
  text: { train: { kind: 'lora', rank: 2, alpha: 8, targets: ['query', 'feedForward.expand'] } },
};

const withEncoders = (encoders: Encoders, overrides: PresetOverrides = {}) =>
  tinyLemur({ ...overrides, content: { textDepth: 3, ...encoders } });

const BATCH = batchOf([
  { item: 1, history: [2, 4], recent: [[2, 1]] },
  { item: 2, user: 3, label: 0, history: [5] },
  { item: 6, user: 4, history: [1, 7] },
]);

function steppedModel(options: RankerOptions, steps = 2): MultimodalRanker {
  const model = makeModel(options);
  for (let step = 0; step < steps; step++) trainingOf(model).run(BATCH, { step });
  return model;
}

const sizeOf = (weights: MultimodalRanker['parameters']) =>
  [...weights.values()].reduce((total, { size }) => total + size, 0);

/** Whether a weight of the encoders learns. */
const LEARNS: readonly (readonly [name: string, encoders: Encoders, learns: (path: string) => boolean])[] = [
  ['full', { image: {}, text: { train: { kind: 'full' } } }, () => true],
  ['frozen', FROZEN, () => false],
  ['top', TOP, (each) => /^text\.transformer\.(blocks\.2|norm)\./.test(each)],
  ['lora', LORA, (each) => /^(image|text)\.lora\.blocks\.\d\./.test(each)],
];

describe.each(LEARNS)('%s', (_, encoders, learns) => {
  test('trains these weights, and no others have a gradient, moments or an update', () => {
    const model = makeModel(withEncoders(encoders));
    const [before, frozen] = [exportWeights(model), exportParameters(model.frozenParameters)];
    const results = [0, 1].map((step) => trainingOf(model).run(BATCH, { step }));

    const changed = new Set(changedWeights(before, exportWeights(model)));
    const ofEncoders = [...before.dense.keys()].filter((each) => /^content\.(image|text)\./.test(each));
    expect(ofEncoders.every((each) => learns(each.replace('content.', '')))).toBe(true);
    // Biases of keys have no gradient: they add the same to all logits of a query.
    expect(ofEncoders.filter((each) => !changed.has(each))).toEqual([]);
    expect(exportParameters(model.frozenParameters)).toEqual(frozen);

    const whole = makeModel(withEncoders({}));
    const known = [...whole.parameters.keys()].filter((each) => /^content\.(image|text)\./.test(each));
    const expected = known.filter((each) => !learns(each.replace('content.', '')));
    expect([...model.frozenParameters.keys()]).toEqual(expected);

    const { encoderOptimizer, rankerOptimizer } = trainingOf(model);
    expect(encoderOptimizer.state().firstMoment).toHaveLength(sizeOf(model.encoderParameters));
    const trained = sizeOf(model.encoderParameters) + rankerOptimizer.state().firstMoment.length;
    expect(results.map(({ trainedWeights }) => trainedWeights)).toEqual([trained, trained]);
  });

  test('a checkpoint holds what was trained, and the base once beside it', async () => {
    const folder = makeFolder();
    const options = withEncoders(encoders);
    const model = steppedModel(options);
    const about = { folder, fingerprint: 'data' };
    const first = await saveCheckpoint(trainingOf(model), stateAt(2), about);
    const bases = () => readdirSync(folder).filter((each) => each.startsWith('base-'));
    expect(bases()).toHaveLength(model.frozenParameters.size === 0 ? 0 : 1);
    const { tensors } = readSafetensors(readFileSync(path.join(first, 'model.safetensors')));
    expect([...tensors.keys()]).toEqual([...model.parameters.keys()]);
    const kept = bases();
    trainingOf(model).run(BATCH, { step: 2 });
    const second = await saveCheckpoint(trainingOf(model), stateAt(3), about);
    expect(bases()).toEqual(kept);

    const loaded = makeModel(options);
    // Another base, as of a newer version of a published encoder: the run's own is put back.
    for (const variable of loaded.frozenParameters.values()) tidy(() => variable.assign(add(variable as Tensor, 1)));
    await loadCheckpoint(trainingOf(loaded), second, about);
    expect(wholeState(trainingOf(loaded))).toEqual(wholeState(trainingOf(model)));
    expect(exportParameters(loaded.frozenParameters)).toEqual(exportParameters(model.frozenParameters));
    const [there, here] = [model, loaded].map((each) => each.predict(BATCH, each.bank));
    expect(here).toEqual(there);
  });

  test('exports merged weights, with which a model that is trained in full predicts the same', () => {
    const model = steppedModel(withEncoders(encoders));
    const whole = makeModel(withEncoders({}));
    const merged = exportMergedWeights(model);
    expect([...merged.dense.keys()].sort()).toEqual([...whole.parameters.keys()].sort());
    importWeights(whole, merged);
    const items = Int32Array.from([1, 2, 6, 5]);
    const [expected, got] = [model, whole].map((each) => each.predict(BATCH, each.encodeBank(items)));
    got!.forEach((logit, i) => {
      expect(logit).toBeCloseTo(expected![i]!, 4);
    });
    expect(model.predict(BATCH, model.encodeBank(items))).toEqual(expected);
  });
});

describe('frozen lower layers', () => {
  test.each([['frozen', FROZEN] as const, ['top', TOP] as const])(
    '%s: a run is the same with and without what was kept of them',
    async (_, encoders) => {
      const options = withEncoders(encoders, { sampling: { forward: 0.6, backward: 0.3 } });
      const runs = await Promise.all(
        [{}, false as const].map(async (frozenPrefixes) => {
          const model = makeModel(options, world.catalogue, undefined, frozenPrefixes);
          const { state } = await train(trainingOf(model), { ...world, batchSize: 16, steps: 8, evaluateEvery: 4 });
          return { validations: state.validations, vectors: model.encode(Int32Array.from([0, 1, 2])) };
        }),
      );
      const [kept, computed] = runs as [(typeof runs)[0], (typeof runs)[0]];
      expect(kept.validations).toHaveLength(2);
      kept.validations.forEach(({ auc, logLoss }, i) => {
        expect(auc).toBeCloseTo(computed.validations[i]!.auc, 4);
        expect(logLoss).toBeCloseTo(computed.validations[i]!.logLoss, 4);
      });
      kept.vectors.forEach((value, i) => {
        expect(value).toBeCloseTo(computed.vectors[i]!, 4);
      });
    },
  );

  test('a run that reads from disk what an earlier one kept is the same', async () => {
    const folder = new FrozenPrefixFolder(makeFolder());
    const runs = [];
    for (const _ of [1, 2]) {
      const counts = { read: 0, written: 0 };
      const open: FrozenPrefixStore['open'] = (layers) => {
        const rows = folder.open(layers);
        return {
          read: (key) => {
            const row = rows.read(key);
            if (row !== undefined) counts.read++;
            return row;
          },
          write: (key, tokens) => {
            counts.written++;
            rows.write(key, tokens);
          },
          close: () => rows.close(),
        };
      };
      const model = makeModel(withEncoders(TOP), world.catalogue, undefined, { store: { open } });
      await train(trainingOf(model), { ...world, batchSize: 16, steps: 4, evaluateEvery: 4 });
      runs.push({ counts, weights: exportWeights(model) });
    }
    const [first, second] = runs;
    expect(first!.counts.written).toBeGreaterThan(0);
    expect(second!.counts).toEqual({ read: first!.counts.written, written: 0 });
    expect(second!.weights).toEqual(first!.weights);
  });
});

describe('rates of the encoders', () => {
  test('are their own, and decay by depth', () => {
    const options = withEncoders(
      { image: { learningRate: 1e-3 }, text: { learningRate: 2e-3, layerDecay: 0.5 } },
      { optimizer: { encoderLearningRate: 4e-3 } },
    );
    const model = makeModel(options);
    const before = exportWeights(model);
    trainingOf(model).run(BATCH, { step: 0 });
    const after = exportWeights(model);
    /** The first step of Adam moves each weight by its learning rate, where the gradient is not tiny. */
    const moved = (weight: string) => {
      const [was, is] = [before, after].map(({ dense }) => dense.get(weight)!.data);
      return Math.max(...was!.map((value, i) => Math.abs(is![i]! - value)));
    };
    const expected: readonly (readonly [string, number])[] = [
      ['content.image.transformer.norm.shift', 1e-3],
      ['content.image.patches.bias', 1e-3],
      ['content.text.transformer.norm.shift', 2e-3],
      ['content.text.transformer.blocks.2.feedForward.contract.bias', 1e-3],
      ['content.text.transformer.blocks.0.feedForward.contract.bias', 2.5e-4],
      ['content.text.positions', 1.25e-4],
      ['content.fusion.queries', 4e-3],
    ];
    for (const [weight, rate] of expected)
      expect([weight, moved(weight) / rate]).toEqual([weight, expect.closeTo(1, 2)]);
  });

  test('have their own weight decay', () => {
    const rates = { learningRate: 1e-3, weightDecay: 10 };
    const options = withEncoders({ image: rates }, { optimizer: { encoderLearningRate: 4e-3 } });
    const [plain, decayed] = [
      withEncoders({ image: { learningRate: 1e-3 } }, { optimizer: { encoderLearningRate: 4e-3 } }),
      options,
    ].map((each) => exportWeights(steppedModel(each, 1)).dense.get('content.image.positions')!.data);
    const start = exportWeights(makeModel(options)).dense.get('content.image.positions')!.data;
    decayed!.forEach((value, i) => {
      expect(value).toBeCloseTo(plain![i]! - 1e-3 * 10 * start[i]!, 6);
    });
  });
});

describe('gradient checkpointing', () => {
  test('takes the same step with less memory', () => {
    const steps = [false, true].map((recompute) => {
      const deep = { imageDepth: 6, textDepth: 6, image: { recompute }, text: { recompute } };
      const model = makeModel(tinyLemur({ content: deep }));
      const items = Array.from({ length: 24 }, (_, item) => ({ item, user: item % 5, history: [(item + 1) % 40] }));
      const { result, peakBytes } = peakTensorBytes(() => trainingOf(model).run(batchOf(items), { step: 0 }));
      trainingOf(model).dispose();
      model.dispose(); // The weights of a living model count.
      return { loss: result.loss, norm: result.gradientNorm, peakBytes };
    });
    const [plain, again] = steps as [(typeof steps)[0], (typeof steps)[0]];
    expect(again.loss).toBeCloseTo(plain.loss, 6);
    expect(again.norm).toBeCloseTo(plain.norm, 5);
    // A block keeps normed tokens twice, queries, keys, values, what was attended, and the hidden layer twice.
    const tokens = 24 * 4 * DIM * 4; // bytes of 24 images of 4 patches
    expect(plain.peakBytes - again.peakBytes).toBeGreaterThan(12 * 6 * tokens);
  });
});

describe('a checkpoint whose base', () => {
  const about = (folder: string) => ({ folder, fingerprint: 'data' });

  async function savedTop() {
    const folder = makeFolder();
    const options = withEncoders(TOP);
    const checkpoint = await saveCheckpoint(trainingOf(steppedModel(options)), stateAt(2), about(folder));
    const other = makeModel(options);
    const [weight] = other.frozenParameters.values();
    tidy(() => weight!.assign(add(weight as Tensor, 1)));
    const base = path.join(folder, readdirSync(folder).find((each) => each.startsWith('base-'))!);
    return { folder, options, checkpoint, other, base };
  }

  test('is missing loads into a model that has the same, and names the file otherwise', async () => {
    const { folder, options, checkpoint, other, base } = await savedTop();
    rmSync(base);
    await loadCheckpoint(trainingOf(makeModel(options)), checkpoint, about(folder));
    const before = wholeState(trainingOf(other));
    const refused: Promise<unknown> = loadCheckpoint(trainingOf(other), checkpoint, about(folder));
    await expect(refused).rejects.toThrow(`expected ${path.basename(base)} beside it`);
    expect(wholeState(trainingOf(other))).toEqual(before);
  });

  test('has other weights is refused before anything changes', async () => {
    const { folder, checkpoint, other, base } = await savedTop();
    const { tensors } = readSafetensors(readFileSync(base));
    const [name, entry] = [...tensors].at(-1)!;
    const others = new Map([...tensors].slice(0, -1));
    const wrong = [
      [others, `importParameters: expected a weight named ${name}, got none`],
      [
        new Map(others).set(name, { dtype: 'F32', shape: [1], data: new Float32Array(1) }),
        `importParameters: ${name}: expected [${entry.shape.join(', ')}], got [1]`,
      ],
    ] as const;
    for (const [content, said] of wrong) {
      const bytes = writeSafetensors(content);
      const digest = sha256(bytes);
      const file = path.join(folder, `base-${digest.slice(0, 16)}.safetensors`);
      writeFileSync(file, bytes);
      resign(checkpoint, (state) => ({ ...state, base: digest }));
      const before = [wholeState(trainingOf(other)), exportParameters(other.frozenParameters)];
      const refused: Promise<unknown> = loadCheckpoint(trainingOf(other), checkpoint, about(folder));
      await expect(refused).rejects.toThrow(`Checkpoint ${file}: ${said}`);
      expect([wholeState(trainingOf(other)), exportParameters(other.frozenParameters)]).toEqual(before);
    }
  });

  test('is damaged is refused', async () => {
    const { folder, checkpoint, other, base } = await savedTop();
    const bytes = readFileSync(base);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(base, bytes);
    expect(existsSync(base)).toBe(true);
    const refused = loadCheckpoint(trainingOf(other), checkpoint, about(folder)) as Promise<unknown>;
    await expect(refused).rejects.toMatchObject({
      name: 'CheckpointError',
      path: base,
    } satisfies Partial<CheckpointError>);
  });
});
