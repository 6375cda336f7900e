import { idOnly, lemur, type RankerOptions, twoStage } from '@sifaka/trainer';
import type { Preset } from './arguments.js';

/** The trainer's preset of that name. */
export function presetOptions(preset: Preset, seed: number): RankerOptions {
  return { lemur, twoStage, idOnly }[preset]({ seed });
}
