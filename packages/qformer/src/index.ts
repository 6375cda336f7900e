export { type Blip2WeightsOptions, importBlip2Weights } from './blip2-weights.js';
export { type Blip2FormOptions, blip2Form, type PublicFormOptions, publicForm } from './forms.js';
export { FusionQFormer, type FusionQFormerOutput } from './fusion-qformer.js';
export {
  assertModalityInputs,
  type ModalityInputs,
  type ModalityRules,
  type ModalityTokens,
} from './modality-inputs.js';
export type { AttentionOptions, FusionQFormerOptions, NormOptions } from './options.js';
