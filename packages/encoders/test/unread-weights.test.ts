import { type EncoderTraining, FineTunedEncoder, loadTextEncoder } from '@sifaka/encoders';
import { AdamW, exportParameters } from '@sifaka/nn';
import { dispose, mean, type Scalar, square, type Tensor, variableGrads } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { checkpointOf, filesOf, readPublished, type TextGolden } from './published-golden.js';

const TRAININGS: readonly EncoderTraining[] = [{ kind: 'full' }, { kind: 'top', blocks: 1 }];

/** By checkpoint and kind of pooling: the weights of `pooled`, which a loss on tokens does not read. */
const UNREAD = [
  ['clip-text', 'projection', 1],
  ['bert', 'pooler', 2],
  ['siglip-text', 'lastToken', 2],
] as const;

describe.each(UNREAD)('%s with pooled from its %s', (name, kind, count) => {
  it.each(TRAININGS)('keeps the weights that no loss reads, under $kind', async (train) => {
    const golden = readPublished<TextGolden>(name);
    const { paddingId } = golden;
    const options = { pooling: { kind }, ...(paddingId !== undefined && { paddingId }) };
    const { encoder } = await loadTextEncoder(filesOf(golden, checkpointOf(golden)), options);
    const tuned = new FineTunedEncoder(encoder, { train, seed: 1 });
    const { ids, length, lengths, types } = golden;
    const input = {
      ids: Int32Array.from(ids),
      length,
      lengths: Int32Array.from(lengths),
      ...(types && { types: Int32Array.from(types) }),
    };
    const optimizer = new AdamW(tuned.parameters, { weightDecay: 0.1 });
    const before = exportParameters(tuned.parameters);
    const unread = new Set<string>();
    for (let step = 0; step < 2; step++) {
      const loss = () => mean(square(tuned.forward(input).tokens)) as Scalar;
      const { value, grads } = variableGrads(loss, [...tuned.parameters.values()]);
      const gradients = new Map<string, Tensor>();
      for (const [path, variable] of tuned.parameters) {
        const gradient = grads[variable.name];
        if (gradient == null) unread.add(path);
        else gradients.set(path, gradient);
      }
      optimizer.apply(gradients, { learningRate: 0.01 });
      dispose([value, ...gradients.values()]);
    }
    const after = exportParameters(tuned.parameters);
    const same = [...before].filter(([path, { data }]) => data.every((each, i) => each === after.get(path)!.data[i]));
    expect(unread.size).toBe(count);
    expect(same.map(([path]) => path)).toEqual([...unread]);
    optimizer.dispose();
    tuned.dispose();
  });
});
