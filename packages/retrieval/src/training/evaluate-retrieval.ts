import { MetricInputError, ndcgAt, recallAt } from '@sifaka/metrics';
import { matMul, slice, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import { hasItem, itemsOf, type UserItems } from '../data/user-items.js';
import type { RetrievalVectors } from '../models/retrieval-model.js';
import { smallestOfTop } from './top-scores.js';

/** Means over the users that have an item in the part, each from 0 to 1. */
export interface RetrievalMetrics {
  /** Users that were evaluated. */
  readonly users: number;
  readonly recall10: number;
  readonly recall20: number;
  readonly ndcg10: number;
  readonly ndcg20: number;
}

/** Scores that are held at once. */
const BLOCK = 2 ** 22;
const LONGEST = 20;

/**
 * Ranks the whole catalogue for each user that has an item in the part, as MMRec does. The user's train items are left
 * out; of test, validation items are not.
 *
 * Recall@K divides by all of the user's items in the part. Tied scores count with the expected value over all their
 * orders; see `recallAt` and `ndcgAt` of `@sifaka/metrics`, which compute the values.
 *
 * @param part `'validation'` or `'test'`
 * @throws MetricInputError for scores that are NaN, RangeError for a part without interactions.
 */
export async function evaluateRetrieval(
  { users, items }: RetrievalVectors,
  data: RetrievalData,
  part: 'validation' | 'test',
): Promise<RetrievalMetrics> {
  const { numItems } = data;
  assertInteractions('evaluateRetrieval', data, part);
  const evaluated = usersWith(data[part]);
  const step = Math.max(1, Math.floor(BLOCK / numItems));
  const totals = { recall10: 0, recall20: 0, ndcg10: 0, ndcg20: 0 };
  // Blocks of neighbouring users, so that their vectors need not be gathered.
  for (let from = 0; from < evaluated.length; ) {
    const first = evaluated[from]!;
    let to = from;
    while (to < evaluated.length && evaluated[to]! < first + step) to++;
    const count = evaluated[to - 1]! + 1 - first;
    const product = tidy(() =>
      matMul(slice(users, [first, 0], [count, users.shape[1]!]) as Tensor2D, items as Tensor2D, false, true),
    );
    const scores = (await product.data()) as Float32Array;
    product.dispose();
    const rows = new RankedRows();
    for (const user of evaluated.subarray(from, to)) {
      const own = scores.subarray((user - first) * numItems, (user - first + 1) * numItems);
      assertNumbers(own, user);
      for (const item of itemsOf(data.train, user)) own[item] = Number.NEGATIVE_INFINITY;
      rows.add(user, own, data[part]);
    }
    const share = to - from;
    totals.recall10 += share * rows.recall(10);
    totals.recall20 += share * rows.recall(20);
    totals.ndcg10 += share * rows.ndcg(10);
    totals.ndcg20 += share * rows.ndcg(20);
    from = to;
  }
  const size = evaluated.length;
  return {
    users: size,
    recall10: totals.recall10 / size,
    recall20: totals.recall20 / size,
    ndcg10: totals.ndcg10 / size,
    ndcg20: totals.ndcg20 / size,
  };
}

/** @throws RangeError if the part has no interactions. */
export function assertInteractions(
  where: string,
  data: Pick<RetrievalData, 'validation' | 'test'>,
  part: 'validation' | 'test',
): void {
  if (data[part].items.length === 0) throw new RangeError(`${where}: expected interactions in ${part}, got none`);
}

/** A NaN compares with nothing, so that its item would silently not be ranked. */
function assertNumbers(scores: Float32Array, user: number): void {
  const item = scores.findIndex(Number.isNaN);
  if (item < 0) return;
  throw new MetricInputError('evaluateRetrieval', 'scores without NaN', `NaN for user ${user} and item ${item}`);
}

function usersWith({ starts }: UserItems): Int32Array {
  const users = Int32Array.from({ length: starts.length - 1 }, (_, user) => user);
  return users.filter((user) => starts[user + 1]! > starts[user]!);
}

/**
 * Per user, the items that decide its metrics: those with at least the score of the 20th, and the relevant ones. The
 * others rank below and are not relevant.
 */
class RankedRows {
  readonly #groups: number[] = [];
  readonly #scores: number[] = [];
  readonly #labels: number[] = [];

  add(user: number, scores: Float32Array, relevant: UserItems): void {
    const last = smallestOfTop(scores, LONGEST);
    const push = (item: number, label: number) => {
      this.#groups.push(user);
      this.#scores.push(scores[item]!);
      this.#labels.push(label);
    };
    for (const item of itemsOf(relevant, user)) push(item, 1);
    for (let item = 0; item < scores.length; item++) {
      // Items at −∞ are those of train.
      if (scores[item]! >= last && scores[item]! > Number.NEGATIVE_INFINITY && !hasItem(relevant, user, item)) {
        push(item, 0);
      }
    }
  }

  recall(k: number): number {
    return recallAt(this.#scores, this.#labels, { k, groups: this.#groups }).value;
  }

  ndcg(k: number): number {
    return ndcgAt(this.#scores, this.#labels, { k, groups: this.#groups }).value;
  }
}
