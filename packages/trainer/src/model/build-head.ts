import {
  AutoInt,
  DcnV2,
  DeepFm,
  Dlrm,
  FactorizationMachine,
  type FeatureGroups,
  MlpHead,
  type RankingHead,
  RankMixer,
} from '@sifaka/ranker';
import type { HeadOptions } from './head-options.js';

/** Makes the head that the options describe, for the groups of a model. */
export function buildHead(options: HeadOptions, groups: FeatureGroups, seed: number): RankingHead {
  switch (options.kind) {
    case 'rankMixer':
      return new RankMixer({ ...options, groups, seed });
    case 'mlp':
      return new MlpHead({ ...options, groups, seed });
    case 'factorizationMachine':
      return new FactorizationMachine({ ...options, groups, seed });
    case 'deepFm':
      return new DeepFm({ ...options, groups, seed });
    case 'dlrm':
      return new Dlrm({ ...options, groups, seed });
    case 'dcnV2':
      return new DcnV2({ ...options, groups, seed });
    case 'autoInt':
      return new AutoInt({ ...options, groups, seed });
  }
}
