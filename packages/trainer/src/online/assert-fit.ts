import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { assertTrainedIds } from '../run/trained-ids.js';
import type { OnlineOptions } from './online-options.js';

/**
 * @throws RangeError if the catalogue is not the model's, its size differs from the number of ids, users or items do
 * not begin with those that the model was trained with, or the stream has fewer queries than the catalogue.
 */
export function assertFit(model: MultimodalRanker, { catalogue, itemIds, stream }: OnlineOptions): void {
  if (model.catalogue !== catalogue) {
    throw new RangeError('OnlineTrainer: expected the catalogue that the model was built with, got another');
  }
  if (itemIds.length !== catalogue.size) {
    throw new RangeError(`OnlineTrainer: expected ${catalogue.size} itemIds, one per item, got ${itemIds.length}`);
  }
  assertTrainedIds('OnlineTrainer', model.trainedIds, { users: stream.userIds, items: itemIds });
  const queries = model.options.content?.query === 'samples' ? catalogue.queries!.lengths.length : 0;
  if (stream.queries.length < queries) {
    throw new RangeError(
      `OnlineTrainer: expected a stream with the catalogue's ${queries} queries, got ${stream.queries.length} queries`,
    );
  }
}
