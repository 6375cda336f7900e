import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { describeVocabulary } from '../run/catalogue-digest.js';
import { assertTrainedIds } from '../run/trained-ids.js';
import type { OnlineOptions } from './online-options.js';

/**
 * @throws RangeError if the catalogue is not the model's, its size differs from the number of ids, the tokenizer makes
 * other tokens than the catalogue's, users or items do not begin with those that the model was trained with, the
 * stream's histories end elsewhere than those of training, it has fewer queries than the catalogue, it does not make the
 * statistics that the model reads, or a published image encoder has no image processor.
 */
export function assertFit(model: MultimodalRanker, options: OnlineOptions): void {
  const { catalogue, itemIds, stream, tokenizer, imageProcessor } = options;
  if (model.catalogue !== catalogue) {
    throw new RangeError('OnlineTrainer: expected the catalogue that the model was built with, got another');
  }
  if (itemIds.length !== catalogue.size) {
    throw new RangeError(`OnlineTrainer: expected ${catalogue.size} itemIds, one per item, got ${itemIds.length}`);
  }
  const [expected, got] = [catalogue, tokenizer].map(describeVocabulary);
  if (expected !== got) {
    throw new RangeError(`OnlineTrainer: expected the catalogue's tokenizer (${expected}), got another (${got})`);
  }
  assertTrainedIds('OnlineTrainer', model.trainedIds, { users: stream.userIds, items: itemIds });
  const { historyAsOf = 'event' } = stream.options;
  if (model.trainedAsOf !== undefined && historyAsOf !== model.trainedAsOf) {
    const wanted = `a stream with historyAsOf ${model.trainedAsOf}, as in training`;
    throw new RangeError(`OnlineTrainer: expected ${wanted}, got ${historyAsOf}`);
  }
  const columns = model.options.statistics?.columns.map(({ name }) => name).join();
  if (columns !== undefined && columns !== stream.statisticsLayout?.names.join()) {
    const made = stream.statisticsLayout?.names.join() ?? 'none';
    throw new RangeError(`OnlineTrainer: expected a stream with the model's statistics (${columns}), got ${made}`);
  }
  const { image } = model.encoderSources;
  if (image !== undefined && imageProcessor === undefined) {
    throw new RangeError(`OnlineTrainer: expected imageProcessor, that of ${image.name}, got none`);
  }
  const queries = model.options.content?.query === 'samples' ? catalogue.queries!.lengths.length : 0;
  if (stream.queries.length < queries) {
    throw new RangeError(
      `OnlineTrainer: expected a stream with the catalogue's ${queries} queries, got ${stream.queries.length} queries`,
    );
  }
}
