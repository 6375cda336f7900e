import type { Samples } from '@sifaka/data';
import type { TrainedIds } from '../model/ranker-parts.js';

/** The outside ids of samples. */
export function trainedIds({ userIds, itemIds }: Samples): TrainedIds {
  return { users: userIds, items: itemIds };
}

/** @throws RangeError unless the ids begin with those that the model was trained with. Later ones may follow. */
export function assertTrainedIds(
  where: string,
  trained: TrainedIds,
  ids: { readonly users: readonly string[]; readonly items: readonly string[] },
): void {
  for (const name of ['users', 'items'] as const) {
    const expected = trained[name] ?? [];
    if (expected.every((id, index) => ids[name][index] === id)) continue;
    const got = ids[name].length < expected.length ? `${ids[name].length} ids` : 'others or another order';
    const list = name === 'users' ? "the stream's userIds" : 'itemIds';
    throw new RangeError(
      `${where}: expected ${list} to begin with the ids of the ${expected.length} ${name} that the model was trained ` +
        `with, in their order, got ${got}`,
    );
  }
}
