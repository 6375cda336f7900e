import { assertSeed, assertWhole, deriveSeed, seededRandom, shuffled } from '@sifaka/nn';
import type { RetrievalData } from '../data/retrieval-data.js';
import { hasItem, usersOf } from '../data/user-items.js';

/** Triples of BPR: each user has the positive in train, and not the negative. */
export interface BprBatch {
  /** `[B]` */
  readonly users: Int32Array;
  /** `[B]` */
  readonly positives: Int32Array;
  /** `[B]` */
  readonly negatives: Int32Array;
}

export interface BprBatchesOptions {
  readonly data: Pick<RetrievalData, 'numUsers' | 'numItems' | 'train'>;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * Batches for BPR (Rendle et al., UAI 2009). An epoch has every train interaction once, in a random order, each with
 * one negative: an item that the user does not have in train, drawn uniformly. The last batch of an epoch may be
 * smaller.
 *
 * The user's validation and test items may be drawn. To exclude them would leak them.
 */
export class BprBatches {
  readonly #options: BprBatchesOptions;
  readonly #users: Int32Array;

  /** @throws RangeError for a batch size that is not a whole number from 1, or a user that has every item. */
  constructor(options: BprBatchesOptions) {
    const { data, batchSize, seed } = options;
    assertWhole('BprBatches', { batchSize });
    assertSeed('BprBatches', seed);
    for (let user = 0; user < data.numUsers; user++) {
      if (data.train.starts[user + 1]! - data.train.starts[user]! < data.numItems) continue;
      throw new RangeError(`BprBatches: expected an item that user ${user} does not have in train, got none`);
    }
    this.#options = options;
    this.#users = usersOf(data.train);
  }

  /** Batches of an epoch. The same epoch gives the same batches. */
  *epoch(epoch: number): Generator<BprBatch> {
    const { data, batchSize, seed } = this.#options;
    const { items } = data.train;
    const random = seededRandom(deriveSeed(seed, 'bpr', epoch));
    const order = shuffled(Int32Array.from(items.keys()), random);
    for (let first = 0; first < order.length; first += batchSize) {
      const chosen = order.subarray(first, first + batchSize);
      const users = chosen.map((i) => this.#users[i]!);
      const positives = chosen.map((i) => items[i]!);
      const negatives = users.map((user) => {
        for (;;) {
          const item = Math.floor(random() * data.numItems);
          if (!hasItem(data.train, user, item)) return item;
        }
      });
      yield { users, positives, negatives };
    }
  }
}
