import type { MultimodalRanker } from '../model/multimodal-ranker.js';

export interface PrepareToServeOptions {
  /** Number of finished steps. Ages of the vectors count from it. */
  readonly step: number;
  /** Items to encode, such as those that may be ranked. Default: all items of the catalogue. */
  readonly items?: Int32Array;
}

/**
 * Encodes items into a model's training bank with its present weights, so that each of them is ranked by its content.
 * After {@link train} only the items of the train part have a vector. Does nothing in an id-only model.
 *
 * @throws {@link DivergenceError} if the vectors are not finite.
 */
export function prepareToServe(model: MultimodalRanker, { step, items }: PrepareToServeOptions): void {
  if (model.options.content === undefined) return;
  const ids = items ?? Int32Array.from({ length: model.catalogue.size }, (_, item) => item);
  model.bank.write(ids, model.encode(ids), step);
}
