import type {
  AutoIntOptions,
  DcnV2Options,
  DeepFmOptions,
  DlrmOptions,
  FactorizationMachineOptions,
} from '@sifaka/ranker';

/** RankMixer (arXiv 2507.15551), the head of LEMUR. */
export interface RankMixerHeadOptions {
  readonly kind: 'rankMixer';
  /** Width of one head of a token. */
  readonly headDim: number;
  readonly depth: number;
  /** The feed-forward part of each token: one dense network, or a sparse mixture of experts. */
  readonly feedForward: { readonly kind: 'dense' } | { readonly kind: 'experts'; readonly experts: number };
}

/** One MLP over all features, the starting point of LEMUR's Table 2 (DLRM-MLP). */
export interface MlpHeadOptions {
  readonly kind: 'mlp';
  /** Widths of the hidden layers. */
  readonly hiddenDims: readonly number[];
}

/** Factorization machine. Defaults are those of `FactorizationMachine`. */
export interface FactorizationMachineHeadOptions extends Pick<FactorizationMachineOptions, 'factors'> {
  readonly kind: 'factorizationMachine';
}

/** DeepFM (arXiv 1703.04247). Defaults are those of `DeepFm`. */
export interface DeepFmHeadOptions extends Pick<DeepFmOptions, 'factors' | 'hiddenDims'> {
  readonly kind: 'deepFm';
}

/** DLRM (arXiv 1906.00091): `mlp` with the dot products of all pairs of groups. Defaults are those of `Dlrm`. */
export interface DlrmHeadOptions extends Pick<DlrmOptions, 'factors' | 'hiddenDims'> {
  readonly kind: 'dlrm';
}

/** DCN-V2 (arXiv 2008.13535). Defaults are those of `DcnV2`. */
export interface DcnV2HeadOptions extends Pick<DcnV2Options, 'depth' | 'cross' | 'structure' | 'hiddenDims'> {
  readonly kind: 'dcnV2';
}

/** AutoInt (arXiv 1810.11921). Defaults are those of `AutoInt`. */
export interface AutoIntHeadOptions extends Pick<AutoIntOptions, 'dim' | 'heads' | 'headDim' | 'depth'> {
  readonly kind: 'autoInt';
}

/** The module that turns the features into a logit. */
export type HeadOptions =
  | RankMixerHeadOptions
  | MlpHeadOptions
  | FactorizationMachineHeadOptions
  | DeepFmHeadOptions
  | DlrmHeadOptions
  | DcnV2HeadOptions
  | AutoIntHeadOptions;
