// A made-up graph with the numbers of users, items and train interactions of Amazon Baby, whose degrees are as skewed,
// embeddings, and batches of BPR.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exportParameters, seededRandom, writeSafetensors } from '@sifaka/nn';
import { BprBatches, groupByUser, LightGcn, usersOf } from '@sifaka/retrieval';

const USERS = 19_445;
const ITEMS = 7_050;
const EDGES = 118_551;
const BATCH_SIZE = 2048;
const BATCHES = 16;

export async function writeInputs(folder) {
  const random = seededRandom(1);
  const pairs = new Set();
  for (let user = 0; user < USERS; user++) pairs.add(user * ITEMS + drawItem(random)); // every user has an item
  while (pairs.size < EDGES) pairs.add(Math.floor(USERS * random() ** 1.5) * ITEMS + drawItem(random));
  const users = Int32Array.from(pairs, (pair) => Math.floor(pair / ITEMS));
  const items = Int32Array.from(pairs, (pair) => pair % ITEMS);
  const train = groupByUser(USERS, users, items);
  const data = { numUsers: USERS, numItems: ITEMS, train };
  const model = new LightGcn({ data, seed: 1 });
  const batches = [...new BprBatches({ data, batchSize: BATCH_SIZE, seed: 1 }).epoch(0)].slice(0, BATCHES);
  const stacked = (name) => {
    const all = new Int32Array(BATCHES * BATCH_SIZE);
    for (const [i, batch] of batches.entries()) all.set(batch[name], i * BATCH_SIZE);
    return { dtype: 'I32', shape: [BATCHES, BATCH_SIZE], data: all };
  };
  const vector = (values) => ({ dtype: 'I32', shape: [values.length], data: values });
  await writeFile(
    path.join(folder, 'light-gcn.safetensors'),
    writeSafetensors(
      new Map([
        ...exportParameters(model.parameters),
        ['sizes', vector(Int32Array.of(USERS, ITEMS))],
        ['edges.users', vector(usersOf(train))],
        ['edges.items', vector(train.items)],
        ['batches.users', stacked('users')],
        ['batches.positives', stacked('positives')],
        ['batches.negatives', stacked('negatives')],
      ]),
    ),
  );
  model.dispose();
}

function drawItem(random) {
  return Math.floor(ITEMS * random() ** 2.5);
}
