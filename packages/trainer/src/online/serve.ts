import { type Batch, normalizeQuery } from '@sifaka/data';
import type { Tokenizer } from '@sifaka/encoders/node';
import { distinct } from '../model/candidate-vectors.js';
import { assertFinite } from '../model/divergence-error.js';
import { itemsAsSeen } from '../model/items-as-seen.js';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import type { GrowingCatalogue } from './growing-catalogue.js';
import type { RankedItem } from './online-options.js';
import { requestBatch } from './request-batch.js';

/** Number of candidates per batch. Each has a copy of the histories on the device. */
const CANDIDATES_PER_BATCH = 256;

export interface ServeRequest {
  /** User id, −1 if unknown. */
  readonly user: number;
  /** Outside ids of the candidates. */
  readonly ids: readonly string[];
  /** The candidates' ids in the catalogue, −1 if unknown. */
  readonly candidates: Int32Array;
  /** The user's histories: one row each. */
  readonly histories: Batch['histories'];
  readonly query: string;
  /** The user's statistics with these items of the catalogue, `[items · width]`, for a model that reads statistics. */
  readonly statisticsOf?: ((items: Int32Array) => Float32Array) | undefined;
}

/**
 * Scores candidates with item vectors from the bank. The query encoder and the ranker run, no content encoder does.
 * Nothing is written, and the bank does not count the reads.
 *
 * @returns the candidates, best first. Equal scores, such as those of items that an id-only model has never trained,
 *   keep the order given.
 * @throws {@link DivergenceError} if a score is not finite.
 */
export async function serve(
  { model, catalogue, tokenizer }: { model: MultimodalRanker; catalogue: GrowingCatalogue; tokenizer: Tokenizer },
  { ids, candidates, query, statisticsOf, ...request }: ServeRequest,
): Promise<RankedItem[]> {
  const { queries } = catalogue;
  const text = normalizeQuery(query);
  const usesQuery = model.options.content?.query === 'samples' && queries !== undefined && text !== '';
  const tokens = usesQuery ? await tokenizer.encodeBatch([text], { maxLength: queries.maxLength }) : undefined;
  const bank = model.bank.reader();
  const seen = itemsAsSeen(model, candidates);
  const distinctItems = distinct(seen);
  const score = (queryId: number) => {
    const scoreOf = new Map<number, number>();
    for (let start = 0; start < distinctItems.length; start += CANDIDATES_PER_BATCH) {
      const chunk = distinctItems.subarray(start, start + CANDIDATES_PER_BATCH);
      const batch = requestBatch({ ...request, candidates: chunk, query: queryId, statistics: statisticsOf?.(chunk) });
      model.predict(batch, bank).forEach((logit, index) => {
        scoreOf.set(chunk[index]!, logit);
      });
    }
    return Float32Array.from(seen, (item) => scoreOf.get(item)!);
  };
  const scores = tokens === undefined ? score(-1) : catalogue.withQuery(tokens, score);
  assertFinite('OnlineTrainer.rank', 'logits', scores); // NaN has no rank.
  return ids
    .map((item, i) => ({ item, logit: scores[i]!, hasVector: bank.has(candidates[i]!) }))
    .sort((a, b) => b.logit - a.logit);
}
