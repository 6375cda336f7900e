import { type SafetensorsEntry, ShapeError } from '@sifaka/nn';
import { type Blip2FormOptions, blip2Form, FusionQFormer, importBlip2Weights } from '@sifaka/qformer';
import { goldenTensors, readGolden } from '@sifaka/test-kit';
import { tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Blip2Golden {
  readonly sizes: Omit<Blip2FormOptions<string>, 'modalities' | 'seed'>;
  readonly checkpoint: string;
  readonly tokens: number[][][];
  readonly mask: number[][];
  readonly hiddenStates: number[][][];
}

/** A tiny Q-Former of Hugging Face `transformers` with random weights. */
const GOLDEN = readGolden<Blip2Golden>(import.meta.url, 'blip2');
const makeModel = () => new FusionQFormer(blip2Form({ ...GOLDEN.sizes, modalities: ['image'], seed: 1 }));
const readCheckpoint = () => new Map(goldenTensors(GOLDEN.checkpoint));

function expectHiddenStates(model: FusionQFormer<'image'>): void {
  tidy(() => {
    const image = { tokens: tensor(GOLDEN.tokens), mask: tensor2d(GOLDEN.mask) };
    expect(model.forward({ image }).queries).toBeAllClose(GOLDEN.hiddenStates, { atol: 1e-5, rtol: 1e-5 });
  });
}

describe('importBlip2Weights', () => {
  it("gives the hidden states of Hugging Face's Q-Former", () => {
    const model = makeModel();
    importBlip2Weights(model, readCheckpoint());
    expectHiddenStates(model);
    model.dispose();
  });

  it('reads the Q-Former out of a whole BLIP-2, whose other parts it ignores', () => {
    const model = makeModel();
    const whole = new Map<string, SafetensorsEntry>();
    for (const [name, entry] of readCheckpoint()) whole.set(name === 'query_tokens' ? name : `qformer.${name}`, entry);
    whole.set('vision_model.post_layernorm.weight', { dtype: 'F32', shape: [1], data: new Float32Array(1) });
    importBlip2Weights(model, whole, { prefix: 'qformer.' });
    expectHiddenStates(model);
    model.dispose();
  });

  it('keeps what BLIP-2 does not have', () => {
    const options = blip2Form({ ...GOLDEN.sizes, modalities: { image: 3, text: 2 }, seed: 1 });
    const model = new FusionQFormer({ ...options, typeEmbeddings: true, positionEmbeddings: { text: 4 } });
    const kept = ['types', 'positions.text', 'projections.image.weight', 'output.weight', 'output.bias'];
    const values = () => kept.map((path) => [...model.parameters.get(path)!.dataSync()]);
    const before = values();
    importBlip2Weights(model, readCheckpoint());
    expect(values()).toEqual(before);
    model.dispose();
  });

  const entry = (...shape: number[]): SafetensorsEntry => ({
    dtype: 'F32',
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const KEY = 'encoder.layer.0.crossattention.attention.key.weight';

  it.each<[string, (tensors: Map<string, SafetensorsEntry>) => void, Error]>([
    [
      'missing weights',
      (tensors) => {
        tensors.delete('query_tokens');
        tensors.delete(KEY);
      },
      new Error(`importBlip2Weights: expected weights named query_tokens, ${KEY}, got none`),
    ],
    [
      'surplus weights',
      (tensors) => {
        tensors.set('encoder.layer.1.crossattention.attention.key.weight', entry(8, 6));
        tensors.set('embeddings.word_embeddings.weight', entry(2, 8));
      },
      new Error(
        'importBlip2Weights: expected only the weights of this model, ' +
          'got encoder.layer.1.crossattention.attention.key.weight, embeddings.word_embeddings.weight',
      ),
    ],
    [
      'a whole missing layer, in short',
      (tensors) => {
        for (const name of [...tensors.keys()]) if (name.startsWith('encoder.layer.1.')) tensors.delete(name);
      },
      new Error(
        `importBlip2Weights: expected weights named ${[
          'query.weight',
          'key.weight',
          'value.weight',
          'query.bias',
          'key.bias',
        ]
          .map((name) => `encoder.layer.1.attention.attention.${name}`)
          .join(', ')} and 11 more, got none`,
      ),
    ],
    [
      'a matrix of another shape',
      (tensors) => tensors.set(KEY, entry(6, 8)),
      new ShapeError(`importBlip2Weights: ${KEY}`, '[8, 6]', [6, 8]),
    ],
    [
      'queries of another number',
      (tensors) => tensors.set('query_tokens', entry(1, 4, 8)),
      new ShapeError('importBlip2Weights: query_tokens', '[1, 3, 8]', [1, 4, 8]),
    ],
    [
      'another type',
      (tensors) => tensors.set(KEY, { dtype: 'F64', shape: [8, 6], data: new Float64Array(48) }),
      new Error(`importBlip2Weights: ${KEY}: expected F32, got F64`),
    ],
  ])('names %s and changes no weight', (_, spoil, error) => {
    const model = makeModel();
    const tensors = readCheckpoint();
    spoil(tensors);
    const values = () => [...model.parameters.values()].map((variable) => [...variable.dataSync()]);
    const before = values();
    expect(() => importBlip2Weights(model, tensors)).toThrow(error);
    expect(values()).toEqual(before);
    model.dispose();
  });

  it('refuses a model of another form', () => {
    const options = blip2Form({ ...GOLDEN.sizes, modalities: ['image'], seed: 1 });
    const pre = new FusionQFormer({ ...options, norm: { kind: 'pre', queries: true } });
    const joint = new FusionQFormer({ ...options, attention: { kind: 'joint' } });
    expect(() => importBlip2Weights(pre, readCheckpoint())).toThrow(
      'importBlip2Weights: expected a model of the published form, got one with finalNorm.scale',
    );
    expect(() => importBlip2Weights(joint, readCheckpoint())).toThrow(
      /expected only the weights of this model, got encoder\.layer\.0\.crossattention/,
    );
    pre.dispose();
    joint.dispose();
  });
});
