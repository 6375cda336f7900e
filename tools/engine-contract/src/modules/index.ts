import type { Operation } from '../contract-case.js';
import { ENCODERS } from './encoders.js';
import { LOSSES } from './losses.js';
import { NN_FUNCTIONS } from './nn-functions.js';
import { NN_MODULES } from './nn-modules.js';
import { RANKING } from './ranking.js';
import { RETRIEVAL } from './retrieval.js';

/** Operations and modules of the packages, at tiny sizes. */
export const MODULES: readonly Operation[] = [
  ...NN_FUNCTIONS,
  ...NN_MODULES,
  ...ENCODERS,
  ...RANKING,
  ...LOSSES,
  ...RETRIEVAL,
];
