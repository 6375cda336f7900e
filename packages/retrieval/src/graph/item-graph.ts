import { assertNumber, assertWhole, l2Normalize, SparseMatrix } from '@sifaka/nn';
import { matMul, slice, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { presentFeatures } from '../data/present-features.js';
import type { ItemFeatures } from '../data/retrieval-data.js';
import { smallestOfTop } from '../training/top-scores.js';

export interface ItemGraphOptions {
  /** `K`: nearest items of each item, itself included. Default 10, as in FREEDOM's and EM3's code. */
  readonly neighbours?: number;
  /**
   * Share of each modality, from 0; they must add up to 1. Default: 0.1 for `image` and 0.9 for `text` if these are the
   * modalities, as in FREEDOM's and EM3's public experiments, otherwise equal shares.
   */
  readonly weights?: Readonly<Record<string, number>>;
}

/** Scores that are held at once. */
const BLOCK = 2 ** 22;

/**
 * FREEDOM's frozen graph of items (arXiv 2211.06924, Eq. 1 to 4): each item is linked with its `K` nearest items by the
 * cosine of their features, of which it is one itself. Links weigh 1, so that each row has the degree `K`, and
 * `D^−½ S D^−½` divides by `K`. The graphs of the modalities are added by their shares.
 *
 * Of items that are equally near, the one with the lower id is taken. An item whose features of a modality are all 0
 * lacks the modality: in that graph it has no links, and none lead to it. The papers do not cover such items.
 *
 * @param features by modality
 * @returns `[items, items]`, owned by the caller.
 * @throws RangeError without a modality, for more neighbours than items, or for shares that are negative, do not add
 *   up to 1, or name another modality.
 */
export async function itemGraph(
  features: Readonly<Record<string, ItemFeatures>>,
  { neighbours = 10, weights }: ItemGraphOptions = {},
): Promise<SparseMatrix> {
  const names = Object.keys(features);
  const shares = sharesOf(names, weights);
  const numItems = features[names[0]!]!.values.length / features[names[0]!]!.dim;
  assertWhole('itemGraph', { neighbours });
  if (neighbours > numItems) {
    throw new RangeError(`itemGraph: expected at most ${numItems} neighbours, one per item, got ${neighbours}`);
  }
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (const name of names) {
    if (shares[name] === 0) continue;
    const present = presentFeatures(features[name]!);
    const nearest = await nearestItems(features[name]!, neighbours, present);
    for (const [i, item] of nearest.entries()) {
      const row = Math.floor(i / neighbours);
      if (present[row] === 0 || present[item] === 0) continue;
      rows.push(row);
      columns.push(item);
      values.push(shares[name]! / neighbours);
    }
  }
  return new SparseMatrix({ shape: [numItems, numItems], rows, columns, values });
}

function sharesOf(names: readonly string[], weights: ItemGraphOptions['weights']): Readonly<Record<string, number>> {
  if (names.length === 0) throw new RangeError('itemGraph: expected features of at least one modality, got none');
  if (weights === undefined) {
    if ([...names].sort().join() === 'image,text') return { image: 0.1, text: 0.9 };
    return Object.fromEntries(names.map((name) => [name, 1 / names.length]));
  }
  if (Object.keys(weights).sort().join() !== [...names].sort().join()) {
    throw new RangeError(`itemGraph: expected weights of ${names.join(', ')}, got ${Object.keys(weights).join(', ')}`);
  }
  assertNumber('itemGraph: weights', weights);
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > 1e-6) throw new RangeError(`itemGraph: expected weights that add up to 1, got ${sum}`);
  return weights;
}

/** `[items, K]` by cosine, in ascending order of ids. Items that lack the modality are the farthest. */
async function nearestItems(
  { dim, values }: ItemFeatures,
  neighbours: number,
  present: Float32Array,
): Promise<Int32Array> {
  const numItems = values.length / dim;
  const nearest = new Int32Array(numItems * neighbours);
  const unit = tidy(() => l2Normalize(tensor2d(values, [numItems, dim]))) as Tensor2D;
  const step = Math.max(1, Math.floor(BLOCK / numItems));
  for (let first = 0; first < numItems; first += step) {
    const count = Math.min(step, numItems - first);
    const cosines = tidy(() => matMul(slice(unit, [first, 0], [count, dim]), unit, false, true)); // [count, items]
    const scores = (await cosines.data()) as Float32Array;
    cosines.dispose();
    for (const [i, score] of scores.entries()) scores[i] = present[i % numItems] === 0 ? -2 : score;
    for (let row = 0; row < count; row++) {
      const own = scores.subarray(row * numItems, (row + 1) * numItems);
      writeNearest(own, neighbours, nearest.subarray((first + row) * neighbours, (first + row + 1) * neighbours));
    }
  }
  unit.dispose();
  return nearest;
}

function writeNearest(cosines: Float32Array, neighbours: number, nearest: Int32Array): void {
  const last = smallestOfTop(cosines, neighbours);
  let nearer = 0;
  for (const cosine of cosines) if (cosine > last) nearer++;
  let equal = neighbours - nearer;
  let written = 0;
  for (let item = 0; item < cosines.length && written < neighbours; item++) {
    if (cosines[item]! > last || (cosines[item] === last && equal-- > 0)) nearest[written++] = item;
  }
}
