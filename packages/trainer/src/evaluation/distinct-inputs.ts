import type { Samples } from '@sifaka/data';
import { itemsAsSeen } from '../model/items-as-seen.js';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';

/** Samples of which no two have equal inputs. */
export interface DistinctInputs {
  /** `[D]`: the first sample of each input. */
  readonly samples: Int32Array;
  /** `[N]`: the position of each sample's input. */
  readonly positions: Int32Array;
}

/**
 * Finds the samples that a model cannot tell apart: same user, time, query and item as it sees it. Histories follow
 * from user and time.
 *
 * @param indices samples, `[N]`
 */
export function distinctInputs(model: MultimodalRanker, samples: Samples, indices: Int32Array): DistinctInputs {
  const items = itemsAsSeen(
    model,
    indices.map((sample) => samples.items[sample]!),
  );
  const positionOf = new Map<string, number>();
  const first: number[] = [];
  const positions = indices.map((sample, i) => {
    const { users, timestamps, queryIds } = samples;
    const input = `${users[sample]} ${timestamps[sample]} ${queryIds[sample]} ${items[i]}`;
    const position = positionOf.get(input) ?? first.push(sample) - 1;
    positionOf.set(input, position);
    return position;
  });
  return { samples: Int32Array.from(first), positions };
}
