// The training step of `npm start`: @sifaka/trainer's model with the demo's preset, one batch per step.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryBank } from '@sifaka/memory-bank';
import { readSafetensors } from '@sifaka/nn';
import { buildRanker, importWeights, TrainingStep } from '@sifaka/trainer';

export function setUp({ folder }) {
  const read = (name) => readSafetensors(readFileSync(path.join(folder, name))).tensors;
  const facts = JSON.parse(readFileSync(path.join(folder, 'lemur.json'), 'utf8'));
  const data = read('lemur-data.safetensors');
  const column = (name) => ({
    ids: data.get(`${name}.ids`).data,
    lengths: data.get(`${name}.lengths`).data,
    maxLength: data.get(`${name}.ids`).shape[1],
  });
  const catalogue = {
    ...facts,
    documents: column('documents'),
    titles: column('titles'),
    images: {
      ...facts.image,
      pixels: readFileSync(path.join(folder, 'lemur-pixels.bin')),
      present: data.get('images.present').data,
    },
  };
  const model = buildRanker(facts.options, { catalogue, numUsers: facts.numUsers });
  const weights = read('lemur-weights.safetensors');
  // The counts do not matter, because training reads the row of every id.
  const table = (name) => {
    const { data: values, shape } = weights.get(`tables.${name}`);
    return { values, updates: new Int32Array(shape[0]) };
  };
  importWeights(model, { dense: weights, users: table('users'), items: table('items') });

  const ids = data.get('bank.ids').data;
  const bank = new MemoryBank({ dim: facts.options.dim, initialCapacity: ids.length });
  bank.write(ids, data.get('bank.vectors').data, 0);
  model.replaceBank(bank);

  const batches = readBatches(data, facts.options.sequences.liked.length);
  const training = new TrainingStep(model);
  let step = 0;
  const run = () => training.run(batches[step % batches.length], { step: step++ });
  return {
    run,
    check: () => {
      const { loss, ranking, contrast, gradientNorm } = run();
      return { loss, ranking, contrast, gradientNorm };
    },
    dispose: () => {
      training.dispose();
      model.dispose();
    },
  };
}

function readBatches(data, length) {
  const names = ['users', 'items', 'labels', 'sessions', 'liked'];
  const [count, size] = data.get('batches.users').shape;
  return Array.from({ length: count }, (_, i) => {
    const columns = names.map((name) => {
      const { data: all } = data.get(`batches.${name}`);
      const width = all.length / count;
      return [name, all.subarray(i * width, (i + 1) * width)];
    });
    const { liked: items, ...batch } = Object.fromEntries(columns);
    const liked = {
      items,
      labels: Uint8Array.from(items, (id) => (id < 0 ? 0 : 1)),
      lengths: Int32Array.from({ length: size }, (_, row) =>
        lengthOf(items.subarray(row * length, (row + 1) * length)),
      ),
      length,
      skip: 0,
      events: 'positive',
    };
    // The step reads none of these three: queries are titles of liked items, and sessions are given.
    const rows = Int32Array.from({ length: size }, (_, row) => row);
    const unread = { rows, queries: new Int32Array(size).fill(-1), timestamps: new Float64Array(size) };
    return { size, ...batch, ...unread, histories: { liked } };
  });
}

/** Number of items before the padding. */
function lengthOf(history) {
  const padding = history.indexOf(-1);
  return padding === -1 ? history.length : padding;
}
