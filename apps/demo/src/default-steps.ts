import type { Preset } from './arguments.js';

/** Steps of 256 samples at which validation AUC stopped rising on MovieLens small; `npm start` must also end within minutes. */
export function defaultSteps(preset: Preset): number {
  return { lemur: 350, twoStage: 650, idOnly: 600 }[preset];
}
