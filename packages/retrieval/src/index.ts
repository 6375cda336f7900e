export {
  type CompareRetrievalOptions,
  compareRetrieval,
  type RetrievalComparison,
  type RetrievalRow,
  type RetrievalRun,
  type RunName,
} from './compare/compare-retrieval.js';
export { formatComparison } from './compare/format-comparison.js';
export {
  type BuildRetrievalOptions,
  buildRetrievalModel,
  type RetrievalModelKind,
  type RetrievalModelOptions,
} from './compare/model-options.js';
export { PUBLISHED_RESULTS, type PublishedResult, type Selection } from './compare/published-results.js';
export {
  buildRetrievalData,
  type ItemFeatures,
  type RetrievalData,
  type RetrievalFacts,
  type RetrievalInput,
} from './data/retrieval-data.js';
export { groupByUser, hasItem, itemsOf, type UserItems, usersOf } from './data/user-items.js';
export { type ItemGraphOptions, itemGraph } from './graph/item-graph.js';
export { propagate } from './graph/propagate.js';
export { type PruneOptions, pruneEdges } from './graph/prune-edges.js';
export { type Edges, userItemGraph } from './graph/user-item-graph.js';
export { BprMf, type BprMfOptions } from './models/bpr-mf.js';
export { Em3, type Em3Options } from './models/em3.js';
export { Freedom, type FreedomOptions } from './models/freedom.js';
export type { RetrievalSizes } from './models/id-embeddings.js';
export { LightGcn, type LightGcnOptions } from './models/light-gcn.js';
export { popularityVectors } from './models/popularity-vectors.js';
export type { RetrievalModel, RetrievalVectors } from './models/retrieval-model.js';
export { Vbpr, type VbprOptions } from './models/vbpr.js';
export { type BprBatch, BprBatches, type BprBatchesOptions } from './training/bpr-batches.js';
export { bprLoss } from './training/bpr-loss.js';
export { evaluateRetrieval, type RetrievalMetrics } from './training/evaluate-retrieval.js';
export {
  type RetrievalEpoch,
  type RetrievalTraining,
  type TrainRetrievalOptions,
  trainRetrieval,
} from './training/train-retrieval.js';
