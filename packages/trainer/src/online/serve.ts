import { type BatchPast, normalizeQuery } from '@sifaka/data';
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
  /** Place of each candidate in the catalogue; −1 for one that is not there. */
  readonly candidates: Int32Array;
  /** What the user has met: one row. */
  readonly past: BatchPast;
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
  const asks = model.options.content?.query === 'samples' && queries !== undefined && text !== '';
  const asked = asks ? await tokenizer.encodeBatch([text], { maxLength: queries.maxLength }) : undefined;
  const bank = model.bank.reader();
  const score = (asking: number) => {
    const scores = new Float32Array(ids.length);
    for (let start = 0; start < ids.length; start += RANKED_AT_ONCE) {
      const some = candidates.subarray(start, start + RANKED_AT_ONCE);
      const batch = requestBatch({ ...request, candidates: some, query: asking });
      scores.set(model.predict(batch, bank), start);
    }
    return scores;
  };
  const scores = asked === undefined ? score(-1) : catalogue.withQuery(asked, score);
  return ids
    .map((item, i) => ({ item, logit: scores[i]!, hasVector: bank.has(candidates[i]!) }))
    .sort((a, b) => b.logit - a.logit);
}
