export { AdamW, type AdamWOptions, globalNorm } from './adamw.js';
export {
  assertChoice,
  assertHeads,
  assertNumber,
  assertSeed,
  assertWhole,
  type NumberRange,
} from './assert-options.js';
export { paddingBias, SelfAttention, type SelfAttentionOptions, scaledDotProductAttention } from './attention.js';
export type { Columns } from './columns.js';
export { cosineSimilarity, l2Normalize } from './cosine.js';
export { CrossAttention, type CrossAttentionOptions } from './cross-attention.js';
export { dropout } from './dropout.js';
export {
  type BorrowedRows,
  type BorrowOptions,
  EmbeddingTable,
  type EmbeddingTableOptions,
  PADDING_ID,
  type RowUpdate,
  UNKNOWN_ID,
} from './embedding-table.js';
export { gelu } from './gelu.js';
export { smallNormal, xavierUniform } from './initializers.js';
export { LayerNorm, type LayerNormOptions, layerNorm } from './layer-norm.js';
export { Linear, type LinearOptions } from './linear.js';
export { LowRankAdapter, type LowRankAdapterOptions } from './low-rank-adapter.js';
export { LowRankUpdate, type LowRankUpdateOptions } from './low-rank-update.js';
export { maskedMean } from './masked-mean.js';
export {
  collectParameters,
  countParameters,
  disposeParameters,
  type Module,
  type NamedParameters,
  namedModules,
} from './module.js';
export { isDecayed, type ParameterOptions, parameter } from './parameter.js';
export { exportParameters, importParameters } from './parameter-values.js';
export {
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsEntry,
  type SafetensorsFile,
  writeSafetensors,
} from './safetensors.js';
export type { SafetensorsLimits } from './safetensors-header.js';
export { type WarmupCosineOptions, warmupCosine } from './schedule.js';
export { deriveSeed, seededRandom, shuffled } from './seed.js';
export { assertShape, ShapeError } from './shape-error.js';
export { sparseMatMul } from './sparse-mat-mul.js';
export { SparseMatrix, type SparseMatrixOptions, type SparseTensors } from './sparse-matrix.js';
export { stopGradient } from './stop-gradient.js';
export {
  FeedForward,
  type FeedForwardOptions,
  Transformer,
  TransformerBlock,
  type TransformerBlockOptions,
  type TransformerOptions,
} from './transformer.js';
