import { UNKNOWN_ID } from '@sifaka/nn';
import type { MultimodalRanker } from './multimodal-ranker.js';

/**
 * Candidates as a model can tell them apart when it scores. Without content and statistics, an item that training never
 * touched is the unknown item, −1. Rows of one user, time, query and seen item have equal inputs.
 *
 * Engines sum the last rows of a product in another order, so equal rows can differ in the last bit. Score them once to
 * make them equal: a difference of one bit changes a rank.
 */
export function itemsAsSeen(model: MultimodalRanker, items: Int32Array): Int32Array {
  const { content, statistics } = model.options;
  if (content !== undefined || statistics !== undefined) return items;
  const { updates } = model.tables.items;
  return items.map((item) => (item >= 0 && updates[item + 1]! > 0 ? item : UNKNOWN_ID));
}
