import { SampleStream } from '@sifaka/data';
import { buildRanker, GrowingCatalogue, historiesOf, OnlineTrainer, TrainingStep } from '@sifaka/trainer';
import { ITEMS, smallAttributes, smallCatalogue, smallOptions } from './small-world.js';

/** An online trainer over the small catalogue, by visits and with statistics, before its first event. */
export async function startOnline(seed: number): Promise<OnlineTrainer> {
  const built = await smallCatalogue();
  const catalogue = new GrowingCatalogue(built.catalogue);
  const options = smallOptions(seed);
  const itemIds = Array.from({ length: ITEMS }, (_, item) => String(item));
  const stream = new SampleStream({
    batchSize: 12,
    histories: historiesOf(options),
    historyAsOf: 'visit',
    itemIds,
    statistics: { attributes: smallAttributes() },
  });
  return new OnlineTrainer(new TrainingStep(buildRanker(options, { catalogue, numUsers: 1 })), {
    stream,
    catalogue,
    itemIds,
    tokenizer: built.tokenizer,
  });
}
