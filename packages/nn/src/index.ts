export { AdamW, type AdamWOptions, type AdamWState, globalNorm, type ParameterGroup } from './adamw.js';
export {
  assertChoice,
  assertHeads,
  assertNumber,
  assertSeed,
  assertWhole,
  type NumberRange,
} from './assert-options.js';
export {
  causalBias,
  paddingBias,
  SelfAttention,
  type SelfAttentionOptions,
  scaledDotProductAttention,
} from './attention.js';
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
export { FeedForward, type FeedForwardOptions } from './feed-forward.js';
export { gelu } from './gelu.js';
export { type Activation, geluTanh, quickGelu } from './gelu-forms.js';
export { type WidenedDtype, widenToFloat32 } from './half-floats.js';
export { smallNormal, withoutDrawing, xavierUniform } from './initializers.js';
export { LayerNorm, type LayerNormOptions, layerNorm } from './layer-norm.js';
export { type LayeredModule, layerwiseDecay } from './layerwise-decay.js';
export { Linear, type LinearOptions, type LinearUpdate } from './linear.js';
export { LowRankAdapter, type LowRankAdapterOptions } from './low-rank-adapter.js';
export {
  BLOCK_TARGETS,
  type PackedColumns,
  type PackedModule,
  targetPaths,
  unknownTarget,
} from './low-rank-targets.js';
export { LowRankUpdate, type LowRankUpdateOptions } from './low-rank-update.js';
export { maskedMean } from './masked-mean.js';
export {
  collectParameters,
  countParameters,
  disposeParameters,
  joinPath,
  type Module,
  type NamedParameters,
  namedModules,
} from './module.js';
export { isDecayed, type ParameterOptions, parameter } from './parameter.js';
export { assertImportable, exportParameters, importParameters } from './parameter-values.js';
export {
  type PlanWeightsOptions,
  type PublishedEntry,
  type PublishedLayout,
  type PublishedNames,
  type PublishedTensors,
  planWeights,
  type WeightImport,
  type WeightPlan,
} from './published-weights.js';
export { quoted } from './quoted.js';
export { type Block, type RunBlocksOptions, recompute, runBlocks } from './recompute.js';
export {
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsEntry,
  type SafetensorsFile,
  writeSafetensors,
} from './safetensors.js';
export type { SafetensorsLimits } from './safetensors-header.js';
export {
  readSafetensorsLayout,
  type SafetensorsLayout,
  type SafetensorsPlace,
  safetensorsHeaderEnd,
} from './safetensors-layout.js';
export { type WarmupCosineOptions, warmupCosine } from './schedule.js';
export { deriveSeed, seededRandom, shuffled } from './seed.js';
export { assertShape, ShapeError } from './shape-error.js';
export { sparseMatMul } from './sparse-mat-mul.js';
export { SparseMatrix, type SparseMatrixOptions, type SparseTensors } from './sparse-matrix.js';
export { stopGradient } from './stop-gradient.js';
export { Transformer, type TransformerOptions } from './transformer.js';
export { type BlockNorm, TransformerBlock, type TransformerBlockOptions } from './transformer-block.js';
export { withoutTape } from './without-tape.js';
