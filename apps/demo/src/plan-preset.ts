import { type Dataset, type PlannedRun, statisticsOptions, withFirstStage } from '@sifaka/cli';
import { em3, idOnly, lemur, type PresetOverrides, type QuerySource, twoStage } from '@sifaka/trainer';
import type { Preset } from './arguments.js';
import type { ContentEncoders } from './read-encoders.js';

const PRESET_OPTIONS: Readonly<Record<Preset, typeof lemur>> = { lemur, twoStage, idOnly, em3 };

/**
 * Ranking steps of 256 samples after which validation AUC stopped rising on MovieLens small. `npm start` must also end
 * within minutes. The first stage of a two-stage run comes before them.
 */
const DEFAULT_STEPS: Readonly<Record<Preset, number>> = { lemur: 350, twoStage: 350, idOnly: 600, em3: 350 };

export interface PlanPresetOptions {
  readonly seed: number;
  /** The data that the model is trained on. It reads all of their statistics. */
  readonly data: Dataset;
  /** Ranking steps. Default: by preset. */
  readonly steps?: number | undefined;
  /** Default: the preset's. `em3` has no query tower and ignores it. */
  readonly query?: QuerySource | undefined;
  /** Share of the candidates that are encoded, forward and backward. Default: the preset's. */
  readonly sampling?: number | undefined;
  /** Which encoders the contents have and how they are trained. Default: the preset's. `idOnly` ignores it. */
  readonly encoders?: ContentEncoders | undefined;
}

/** Options and steps of the trainer's preset with this name. */
export function planPreset(
  preset: Preset,
  { seed, data, steps = DEFAULT_STEPS[preset], query, sampling, encoders }: PlanPresetOptions,
): PlannedRun {
  const statistics = statisticsOptions(data);
  const options = PRESET_OPTIONS[preset]({
    seed,
    statistics,
    ...sampled(sampling),
    content: { ...(query && preset !== 'em3' && { query }), ...encoders },
  });
  return withFirstStage(options, steps);
}

/** The change to a preset that encodes this share of the candidates, forward and backward; undefined: none. */
export function sampled(share: number | undefined): PresetOverrides {
  return share === undefined ? {} : { sampling: { forward: share, backward: share } };
}
