export { type Blip2WeightsOptions, importBlip2Weights } from './blip2-weights.js';
export { type Blip2FormOptions, blip2Form, type PublicFormOptions, publicForm } from './forms.js';
export { FusionQFormer, type FusionQFormerOutput } from './fusion-qformer.js';
export type { ModalityInputs, ModalityTokens } from './modality-embedding.js';
export type { AttentionOptions, FusionQFormerOptions, NormOptions } from './options.js';
