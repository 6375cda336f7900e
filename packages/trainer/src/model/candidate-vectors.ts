import type { Batch } from '@sifaka/data';
import { completeCandidates, type FreshVectors, type ReadableBank } from '@sifaka/memory-bank';
import { stopGradient } from '@sifaka/nn';
import { gather, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { MultimodalRanker } from './multimodal-ranker.js';
import type { RankerOptions } from './options.js';
import type { QueryEncoder } from './query-encoder.js';
import { readQueries } from './query-texts.js';
import type { ContentInputs } from './ranking-network.js';
import type { SequenceVectors } from './sequence-vectors.js';

/** The vectors of a batch's candidates and queries. */
export interface CandidateVectors {
  /** `[U, D]`: distinct candidates, fresh where encoded and stored otherwise. */
  readonly items: Tensor;
  /** `[B]`: row of `items` for each row of the batch. */
  readonly itemOf: Int32Array;
  /** `[B, D]` */
  readonly queries: Tensor;
  /** `[B]`: 0 for a row without a query. */
  readonly hasQuery: Uint8Array;
  /** `[B]`: LEMUR's QIDs. */
  readonly qids: Int32Array;
}

/** All content that the ranker reads for a batch. */
export interface ContentVectors extends CandidateVectors {
  /** `[B, L, D]` each, without gradient. */
  readonly sequences: SequenceVectors;
}

/** What {@link readCandidateVectors} reads. */
export interface CandidateSources {
  readonly query: QueryEncoder;
  readonly batch: Batch;
  /** Distinct ids of the batch's items, `[U]`. */
  readonly candidates: Int32Array;
  readonly bank: ReadableBank;
  readonly fresh?: FreshVectors | undefined;
}

/**
 * Encodes a batch's queries and completes its candidates: fresh vectors where there are any, stored ones otherwise.
 *
 * @returns undefined in an id-only model. The caller owns the tensors.
 */
export function readCandidateVectors(
  { catalogue, options: { content } }: MultimodalRanker,
  { query, batch, candidates, bank, fresh }: CandidateSources,
): CandidateVectors | undefined {
  if (content === undefined) return undefined;
  const items = completeCandidates(bank, candidates, fresh).vectors; // [U, D]
  const { text, queryOf, hasQuery, qids } = readQueries(catalogue, batch, content);
  const queries = tidy(() => gather(query.forward(text), tensor1d(queryOf, 'int32'))); // [B, D]
  const rowOf = new Map(Array.from(candidates, (id, row) => [id, row]));
  return { items, itemOf: batch.items.map((id) => rowOf.get(id)!), queries, hasQuery, qids };
}

/** What the ranking network reads of them: a query and an item for each row, `[B, D]`. */
export function contentInputs(
  { items, itemOf, queries, sequences }: ContentVectors,
  { rankingTrainsEncoders }: RankerOptions,
): ContentInputs {
  const pass = rankingTrainsEncoders ? (vector: Tensor) => vector : stopGradient;
  return { queries: pass(queries), items: pass(gather(items, tensor1d(itemOf, 'int32'))), sequences };
}

/** Distinct ids in order of first appearance. */
export function distinct(ids: Int32Array): Int32Array {
  return Int32Array.from(new Set(ids));
}
