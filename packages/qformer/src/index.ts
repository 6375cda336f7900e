export {
  FusionQFormer,
  type FusionQFormerOptions,
  type FusionQFormerOutput,
  type ModalityTokens,
} from './fusion-qformer.js';
