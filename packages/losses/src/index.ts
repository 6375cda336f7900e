export { binaryCrossEntropy } from './binary-cross-entropy.js';
export { type CicNegatives, type CicOptions, cic } from './cic.js';
export { decorrelation } from './decorrelation.js';
export { type InfoNceOptions, infoNce } from './info-nce.js';
export type { Exposures } from './mask-rules.js';
export {
  allowedByAll,
  exposedMask,
  historyMask,
  type NegativeMask,
  sameItemMask,
  sessionMask,
} from './negative-mask.js';
export type { PairLimit } from './pair-limit.js';
export { type LikedHistory, type SqdcOptions, sqdc } from './sqdc.js';
