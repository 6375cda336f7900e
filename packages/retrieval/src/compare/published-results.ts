import type { RetrievalModelKind } from './model-options.js';

/** How the best of several options was chosen: by Recall@20 on validation, or on test itself. */
export type Selection = 'validation' | 'test';

/** Results on test that were published beside EM3. */
export interface PublishedResult {
  /** Name of the data in MMRec. */
  readonly dataset: 'baby' | 'sports';
  readonly kind: RetrievalModelKind;
  readonly selection: Selection;
  readonly recall10: number;
  readonly recall20: number;
  readonly ndcg10: number;
  readonly ndcg20: number;
}

/**
 * From the logs in EM3's public code (one seed, Amazon Baby and Sports in MMRec's release). Its own choice among the
 * options of a grid was by Recall@20 on test. The logs also have the results of the options that are best on
 * validation, for FREEDOM and EM3.
 */
export const PUBLISHED_RESULTS: readonly PublishedResult[] = [
  published('baby', 'vbpr', 'test', [0.0423, 0.0663, 0.0223, 0.0285]),
  published('baby', 'freedom', 'validation', [0.0628, 0.0984, 0.0329, 0.042]),
  published('baby', 'freedom', 'test', [0.0624, 0.0985, 0.0324, 0.0416]),
  published('baby', 'em3', 'validation', [0.0637, 0.1003, 0.0332, 0.0426]),
  published('baby', 'em3', 'test', [0.0646, 0.1032, 0.0336, 0.0435]),
  published('sports', 'vbpr', 'test', [0.056, 0.0854, 0.0307, 0.0383]),
  published('sports', 'freedom', 'validation', [0.0715, 0.1063, 0.0386, 0.0476]),
  published('sports', 'freedom', 'test', [0.0713, 0.1075, 0.0384, 0.0477]),
  published('sports', 'em3', 'validation', [0.0726, 0.1099, 0.0391, 0.0488]),
  published('sports', 'em3', 'test', [0.0726, 0.1099, 0.0391, 0.0488]),
];

function published(
  dataset: PublishedResult['dataset'],
  kind: RetrievalModelKind,
  selection: Selection,
  [recall10, recall20, ndcg10, ndcg20]: readonly [number, number, number, number],
): PublishedResult {
  return { dataset, kind, selection, recall10, recall20, ndcg10, ndcg20 };
}
