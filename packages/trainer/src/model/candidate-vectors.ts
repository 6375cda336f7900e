import type { Batch } from '@sifaka/data';
import { completeCandidates, type FreshVectors, type ReadableBank } from '@sifaka/memory-bank';
import { stopGradient } from '@sifaka/nn';
import { gather, slice, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { MultimodalRanker } from './multimodal-ranker.js';
import type { ContentOptions, RankerOptions } from './options.js';
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
  /** Absent in a model without a query tower. */
  readonly queries?: QueryVectors | undefined;
}

/** The queries of a batch. */
export interface QueryVectors {
  /** `[B, D]` */
  readonly vectors: Tensor;
  /** `[B]`: 0 for a row without a query. */
  readonly hasQuery: Uint8Array;
  /** `[B]`: LEMUR's QIDs. */
  readonly qids: Int32Array;
}

/** All content that the ranker reads for a batch. */
export interface ContentVectors extends CandidateVectors {
  /** `[B, L, D]` each. */
  readonly sequences: SequenceVectors;
}

/** What {@link readCandidateVectors} reads. */
export interface CandidateSources {
  readonly query: QueryEncoder | undefined;
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
  { catalogue, options: { content, dim } }: MultimodalRanker,
  { query, batch, candidates, bank, fresh }: CandidateSources,
): CandidateVectors | undefined {
  if (content === undefined) return undefined;
  const rows = completeCandidates(bank, candidates, fresh).vectors; // [U, W]: the item vector first
  const items = bank.dim === dim ? rows : slice(rows, [0, 0], [candidates.length, dim]); // [U, D]
  if (items !== rows) rows.dispose();
  const rowOf = new Map(Array.from(candidates, (id, row) => [id, row]));
  const itemOf = batch.items.map((id) => rowOf.get(id)!);
  return { items, itemOf, queries: query && readQueryVectors(catalogue, query, batch, content) };
}

function readQueryVectors(
  catalogue: Catalogue,
  encoder: QueryEncoder,
  batch: Batch,
  { query, queryItems }: ContentOptions,
): QueryVectors | undefined {
  if (query === 'none') return undefined;
  const { text, queryOf, hasQuery, qids } = readQueries(catalogue, batch, { query, queryItems });
  return { vectors: tidy(() => gather(encoder.forward(text), tensor1d(queryOf, 'int32'))), hasQuery, qids };
}

/** What the ranking network reads of them: a query and an item for each row, `[B, D]`. */
export function contentInputs(
  { items, itemOf, queries, sequences }: ContentVectors,
  { rankingTrainsEncoders }: RankerOptions,
): ContentInputs {
  const pass = rankingTrainsEncoders ? (vector: Tensor) => vector : stopGradient;
  const vectors = { items: pass(gather(items, tensor1d(itemOf, 'int32'))), sequences };
  return queries === undefined ? vectors : { ...vectors, queries: pass(queries.vectors) };
}

/** Distinct ids in order of first appearance. */
export function distinct(ids: Int32Array): Int32Array {
  return Int32Array.from(new Set(ids));
}
