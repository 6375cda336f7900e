import { idOnly, lemur, type RankerOptions, twoStage } from '@sifaka/trainer';
import type { Preset } from './arguments.js';

/** Share of a two-stage run that its first stage may take, so that a short run has a second one. */
const FIRST_STAGE = 0.4;

/** The trainer's preset of that name, for a run of so many steps. */
export function presetOptions(
  preset: Preset,
  { seed, steps }: { readonly seed: number; readonly steps: number },
): RankerOptions {
  const options = { lemur, twoStage, idOnly }[preset]({ seed });
  return { ...options, pretrainSteps: Math.min(options.pretrainSteps, Math.floor(FIRST_STAGE * steps)) };
}
