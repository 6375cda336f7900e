import { assertChoice, type SparseMatrix } from '@sifaka/nn';
import type { RetrievalData } from '../data/retrieval-data.js';
import { BprMf, type BprMfOptions } from '../models/bpr-mf.js';
import { Em3, type Em3Options } from '../models/em3.js';
import { Freedom, type FreedomOptions } from '../models/freedom.js';
import { LightGcn, type LightGcnOptions } from '../models/light-gcn.js';
import type { RetrievalModel } from '../models/retrieval-model.js';
import { Vbpr, type VbprOptions } from '../models/vbpr.js';

/** What a comparison gives to every model. */
type Given = 'data' | 'itemGraph' | 'seed';

/** A model with options of its own. */
export type RetrievalModelOptions =
  | ({ readonly kind: 'bprMf' } & Omit<BprMfOptions, Given>)
  | ({ readonly kind: 'vbpr' } & Omit<VbprOptions, Given>)
  | ({ readonly kind: 'lightGcn' } & Omit<LightGcnOptions, Given>)
  | ({ readonly kind: 'freedom' } & Omit<FreedomOptions, Given>)
  | ({ readonly kind: 'em3' } & Omit<Em3Options, Given>);

export type RetrievalModelKind = RetrievalModelOptions['kind'];

/** The models' names in papers. */
export const MODEL_NAMES: Readonly<Record<RetrievalModelKind, string>> = {
  bprMf: 'BPR-MF',
  vbpr: 'VBPR',
  lightGcn: 'LightGCN',
  freedom: 'FREEDOM',
  em3: 'EM3',
};

/** @throws RangeError listing the kinds if the model is of another one. */
export function assertModelKind(where: string, { kind }: { readonly kind: string }): void {
  assertChoice(where, { kind }, Object.keys(MODEL_NAMES));
}

/** Whether the model reads features of items. */
export function readsFeatures({ kind }: RetrievalModelOptions): boolean {
  return kind === 'vbpr' || kind === 'freedom' || kind === 'em3';
}

/** Whether the model reads the graph of items. */
export function readsItemGraph({ kind }: RetrievalModelOptions): boolean {
  return kind === 'freedom' || kind === 'em3';
}

export interface BuildRetrievalOptions {
  readonly data: RetrievalData;
  /** From {@link itemGraph}; FREEDOM and EM3 need it. Borrowed. */
  readonly itemGraph?: SparseMatrix;
  readonly seed: number;
}

/**
 * Builds a model from its options.
 *
 * @throws RangeError for an unknown kind, a missing graph of items, or an option that is out of range.
 */
export function buildRetrievalModel(
  options: RetrievalModelOptions,
  { data, itemGraph, seed }: BuildRetrievalOptions,
): RetrievalModel {
  assertModelKind('buildRetrievalModel', options);
  const given = { data, seed };
  switch (options.kind) {
    case 'bprMf':
      return new BprMf({ ...options, ...given });
    case 'vbpr':
      return new Vbpr({ ...options, ...given });
    case 'lightGcn':
      return new LightGcn({ ...options, ...given });
  }
  if (itemGraph === undefined) {
    throw new RangeError(`buildRetrievalModel: expected a graph of items for ${MODEL_NAMES[options.kind]}, got none`);
  }
  if (options.kind === 'freedom') return new Freedom({ ...options, ...given, itemGraph });
  return new Em3({ ...options, ...given, itemGraph });
}
