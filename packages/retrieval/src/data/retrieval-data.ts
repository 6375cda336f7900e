import { assertWhole } from '@sifaka/nn';
import { presentFeatures } from './present-features.js';
import { groupByUser, hasItem, itemsOf, type UserItems } from './user-items.js';

/** One vector per item, from a frozen encoder. */
export interface ItemFeatures {
  /** Width of a vector. */
  readonly dim: number;
  /** `[numItems, dim]`, finite. A row of zeros is an item that lacks the modality. */
  readonly values: Float32Array;
}

/** What was found and left out. */
export interface RetrievalFacts {
  /** Interactions given, and how many of them repeat a pair of user and item of the same or an earlier part. */
  readonly interactions: number;
  readonly repeated: number;
  /** Users without an item in train, and their interactions, which are left out. */
  readonly usersWithoutTrain: number;
  readonly interactionsWithoutTrain: number;
  /** Items of the catalogue that no train interaction has. They are ranked like the others. */
  readonly itemsWithoutTrain: number;
  /** Items whose features of a modality are all 0, by modality. They lack it. */
  readonly itemsWithout: Readonly<Record<string, number>>;
}

/** Users' items in three parts, and features of the items. */
export interface RetrievalData {
  readonly numUsers: number;
  readonly numItems: number;
  readonly train: UserItems;
  readonly validation: UserItems;
  readonly test: UserItems;
  /** By modality, such as `image` and `text`; empty for models of ids alone. */
  readonly features: Readonly<Record<string, ItemFeatures>>;
  /** `[numUsers]`: the given id of each dense user. */
  readonly userIds: Float64Array;
  readonly facts: RetrievalFacts;
}

export interface RetrievalInput {
  /** `[n]`: any whole numbers from 0. They become dense ids in ascending order. */
  readonly users: ArrayLike<number>;
  /** `[n]`: whole numbers from 0, the rows of the features. */
  readonly items: ArrayLike<number>;
  /** `[n]`: 0 train, 1 validation, 2 test. */
  readonly parts: ArrayLike<number>;
  /** Size of the catalogue. Default: the rows of the features, or the largest item + 1 without features. */
  readonly numItems?: number;
  /** Default: none. */
  readonly features?: Readonly<Record<string, ItemFeatures>>;
}

/**
 * Builds the data of a retrieval experiment.
 *
 * A user without a train interaction is left out with its other interactions, as by MMRec's
 * `filter_out_cod_start_users`: nothing is known of such a user. A pair that repeats one of its own or an earlier part
 * is dropped. Both are counted in `facts`.
 *
 * @throws RangeError for lists of unequal lengths, ids that are not whole numbers from 0, another part, an item beyond
 *   the catalogue, features of another number of rows, with values that are not finite or
 *   of which every row is 0, or no train interaction.
 */
export function buildRetrievalData({ users, items, parts, features = {}, ...given }: RetrievalInput): RetrievalData {
  const where = 'buildRetrievalData';
  if (items.length !== users.length || parts.length !== users.length) {
    throw new RangeError(
      `${where}: expected as many items and parts as users, ${users.length}, got ${items.length} and ${parts.length}`,
    );
  }
  const numItems = given.numItems ?? catalogueSize(items, features);
  assertWhole(where, { numItems });
  const itemsWithout = Object.fromEntries(
    Object.entries(features).map(([name, each]) => [name, countWithout(where, name, each, numItems)]),
  );
  const trained = new Set<number>();
  for (let i = 0; i < users.length; i++) {
    const [user, item, part] = [users[i]!, items[i]!, parts[i]!];
    assertWhole(`${where}: interaction ${i}`, { user, item }, 0);
    if (item >= numItems) {
      throw new RangeError(`${where}: interaction ${i}: expected an item below ${numItems}, got ${item}`);
    }
    if (part !== 0 && part !== 1 && part !== 2) {
      throw new RangeError(`${where}: interaction ${i}: expected part 0, 1 or 2, got ${part}`);
    }
    if (part === 0) trained.add(user);
  }
  if (trained.size === 0) throw new RangeError(`${where}: expected at least one train interaction, got none`);

  const userIds = Float64Array.from(trained).sort();
  const denseOf = new Map(Array.from(userIds, (id, user) => [id, user]));
  const kept = [0, 1, 2].map(() => ({ users: [] as number[], items: [] as number[] }));
  const left = new Set<number>();
  let interactionsWithoutTrain = 0;
  for (let i = 0; i < users.length; i++) {
    const user = denseOf.get(users[i]!);
    if (user === undefined) {
      left.add(users[i]!);
      interactionsWithoutTrain++;
    } else {
      kept[parts[i]!]!.users.push(user);
      kept[parts[i]!]!.items.push(items[i]!);
    }
  }
  const numUsers = userIds.length;
  const [train, first, second] = kept.map((part) => groupByUser(numUsers, part.users, part.items)) as [
    UserItems,
    UserItems,
    UserItems,
  ];
  const validation = without(first, [train]);
  const test = without(second, [train, validation]);
  const used = train.items.length + validation.items.length + test.items.length;
  return {
    numUsers,
    numItems,
    train,
    validation,
    test,
    features,
    userIds,
    facts: {
      interactions: users.length,
      repeated: users.length - interactionsWithoutTrain - used,
      usersWithoutTrain: left.size,
      interactionsWithoutTrain,
      itemsWithoutTrain: numItems - new Set(train.items).size,
      itemsWithout,
    },
  };
}

function catalogueSize(items: ArrayLike<number>, features: Readonly<Record<string, ItemFeatures>>): number {
  const first = Object.values(features)[0];
  if (first !== undefined) return first.values.length / first.dim;
  let largest = -1;
  for (let i = 0; i < items.length; i++) largest = Math.max(largest, items[i]!);
  return largest + 1;
}

/** Checks the features of a modality. @returns how many items lack it */
function countWithout(where: string, name: string, features: ItemFeatures, numItems: number): number {
  const { dim, values } = features;
  assertWhole(where, { [`the width of ${name}`]: dim });
  if (values.length !== numItems * dim) {
    throw new RangeError(`${where}: expected ${numItems} × ${dim} features of ${name}, got ${values.length}`);
  }
  const stray = values.findIndex((value) => !Number.isFinite(value));
  if (stray >= 0) {
    const item = Math.floor(stray / dim);
    throw new RangeError(`${where}: expected finite features of ${name}, got ${values[stray]} for item ${item}`);
  }
  const count = presentFeatures(features).filter((present) => present === 0).length;
  if (count < numItems) return count;
  throw new RangeError(`${where}: expected an item with ${name}, got features that are 0 for all ${numItems} items`);
}

/** The items of a part that the user has in none of the others. */
function without(part: UserItems, others: readonly UserItems[]): UserItems {
  const users: number[] = [];
  const items: number[] = [];
  for (let user = 0; user + 1 < part.starts.length; user++) {
    for (const item of itemsOf(part, user)) {
      if (others.some((other) => hasItem(other, user, item))) continue;
      users.push(user);
      items.push(item);
    }
  }
  return groupByUser(part.starts.length - 1, users, items);
}
