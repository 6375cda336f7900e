import type { Samples } from '@sifaka/data';
import type { TrainedIds } from '../model/multimodal-ranker.js';
import { sha256 } from './digest.js';

/** Digests of the outside ids of samples. */
export function trainedIds({ userIds, itemIds }: Samples): TrainedIds {
  return {
    users: { count: userIds.length, digest: digestIds(userIds) },
    items: { count: itemIds.length, digest: digestIds(itemIds) },
  };
}

/** @throws RangeError unless the ids begin with those that the model was trained with. Later ones may follow. */
export function assertTrainedIds(
  where: string,
  trained: TrainedIds,
  ids: { readonly users: readonly string[]; readonly items: readonly string[] },
): void {
  for (const name of ['users', 'items'] as const) {
    const { count, digest } = trained[name] ?? {};
    if (count === undefined || digestIds(ids[name].slice(0, count)) === digest) continue;
    const got = ids[name].length < count ? `${ids[name].length} ids` : 'others or another order';
    const list = name === 'users' ? "the stream's userIds" : 'itemIds';
    throw new RangeError(
      `${where}: expected ${list} to begin with the ids of the ${count} ${name} that the model was trained with, in ` +
        `their order, got ${got}`,
    );
  }
}

function digestIds(ids: readonly string[]): string {
  return sha256(JSON.stringify(ids));
}
