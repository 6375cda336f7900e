export { binaryCrossEntropy } from './binary-cross-entropy.js';
export { type CicOptions, cic } from './cic.js';
export { type InfoNceOptions, infoNce } from './info-nce.js';
export {
  allowedByAll,
  type Exposures,
  exposedMask,
  historyMask,
  type NegativeMask,
  sameItemMask,
  sessionMask,
} from './negative-mask.js';
export { type LikedHistory, type SqdcOptions, sqdc } from './sqdc.js';
