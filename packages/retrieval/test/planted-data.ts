import { seededRandom } from '@sifaka/nn';
import { buildRetrievalData, type RetrievalData } from '@sifaka/retrieval';

export interface PlantedOptions {
  readonly users: number;
  readonly items: number;
  /** Kinds of items. Each user likes one kind, of which most of its items are. */
  readonly kinds: number;
  /** Interactions per user: the last is for test, the one before for validation. */
  readonly perUser: number;
  /** Gives the features of each item to another one. */
  readonly permuted?: boolean;
  readonly seed?: number;
}

/** Users who like one kind of item each. Features say an item's kind, with noise. */
export function plantedData({
  users,
  items,
  kinds,
  perUser,
  permuted = false,
  seed = 1,
}: PlantedOptions): RetrievalData {
  const random = seededRandom(seed);
  const kindOf = (item: number) => item % kinds;
  const rows = { users: [] as number[], items: [] as number[], parts: [] as number[] };
  for (let user = 0; user < users; user++) {
    const own = new Set<number>();
    while (own.size < perUser) {
      const ofKind = (user % kinds) + kinds * Math.floor((random() * items) / kinds);
      own.add(random() < 0.2 ? Math.floor(random() * items) : ofKind);
    }
    // In a random order, so that parts do not differ.
    const order = [...own].map((item) => ({ item, key: random() })).sort((a, b) => a.key - b.key);
    order.forEach(({ item }, i) => {
      rows.users.push(user);
      rows.items.push(item);
      rows.parts.push(Math.max(0, i - (perUser - 3)));
    });
  }
  const shown = Array.from({ length: items }, (_, item) => item);
  if (permuted) {
    const keys = shown.map(() => random());
    shown.sort((a, b) => keys[a]! - keys[b]!);
  }
  const noisy = (dim: number) => {
    const values = new Float32Array(items * dim);
    for (let item = 0; item < items; item++) {
      for (let k = 0; k < dim; k++)
        values[item * dim + k] = 0.3 * (random() - 0.5) + (kindOf(shown[item]!) === k ? 1 : 0);
    }
    return { dim, values };
  };
  return buildRetrievalData({ ...rows, features: { image: noisy(kinds + 2), text: noisy(kinds) } });
}
