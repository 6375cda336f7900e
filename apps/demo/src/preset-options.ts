import { idOnly, lemur, type QuerySource, type RankerOptions, twoStage } from '@sifaka/trainer';
import type { Preset } from './arguments.js';

/** Share of a two-stage run that its first stage may take, so that a short run has a second one. */
const FIRST_STAGE = 0.4;

/** The trainer's preset of that name, for a run of so many steps. It asks with `'likedTitles'` unless told otherwise. */
export function presetOptions(
  preset: Preset,
  { seed, steps, query }: { readonly seed: number; readonly steps: number; readonly query?: QuerySource },
): RankerOptions {
  const options = { lemur, twoStage, idOnly }[preset]({ seed, ...(query && { content: { query } }) });
  return { ...options, pretrainSteps: Math.min(options.pretrainSteps, Math.floor(FIRST_STAGE * steps)) };
}
