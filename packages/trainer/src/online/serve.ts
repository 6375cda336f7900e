import { type Batch, normalizeQuery } from '@sifaka/data';
import type { TextTokenizer } from '@sifaka/encoders/node';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import type { GrowingCatalogue } from './growing-catalogue.js';
import type { RankedItem } from './online-options.js';
import { requestBatch } from './request-batch.js';

/** Candidates scored at once; each brings a copy of the history to the device. */
const RANKED_AT_ONCE = 256;

export interface ServeRequest {
  /** Row of the user table; −1: the unknown row. */
  readonly user: number;
  readonly ids: readonly string[];
  /** Catalogue id of each candidate; −1 for one that is not in the catalogue. */
  readonly candidates: Int32Array;
  /** The user's histories: one row each. */
  readonly histories: Batch['histories'];
  readonly query: string;
}

/**
 * Scores candidates from the bank. No content encoder runs, nothing is written, and its reads are not counted as the bank's; the query
 * encoder and the ranker run.
 *
 * @returns best first; candidates of one score in the order given.
 */
export async function serve(
  { model, catalogue, tokenizer }: { model: MultimodalRanker; catalogue: GrowingCatalogue; tokenizer: TextTokenizer },
  { ids, candidates, query, ...request }: ServeRequest,
): Promise<RankedItem[]> {
  const { queries } = catalogue;
  const text = normalizeQuery(query);
  const usesQuery = model.options.content?.query === 'samples' && queries !== undefined && text !== '';
  const tokens = usesQuery ? await tokenizer.encodeBatch([text], { maxLength: queries.maxLength }) : undefined;
  const bank = model.bank.reader();
  const score = (queryId: number) => {
    const scores = new Float32Array(ids.length);
    for (let start = 0; start < ids.length; start += RANKED_AT_ONCE) {
      const some = candidates.subarray(start, start + RANKED_AT_ONCE);
      const batch = requestBatch({ ...request, candidates: some, query: queryId });
      scores.set(model.predict(batch, bank), start);
    }
    return scores;
  };
  const scores = tokens === undefined ? score(-1) : catalogue.withQuery(tokens, score);
  return ids
    .map((item, i) => ({ item, logit: scores[i]!, hasVector: bank.has(candidates[i]!) }))
    .sort((a, b) => b.logit - a.logit);
}
