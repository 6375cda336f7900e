import type { DienOptions, DinOptions, SimOptions } from '@sifaka/ranker';

/** LEMUR's decoder (arXiv 2511.10962, Fig. 2). */
export interface DecoderOptions {
  readonly kind: 'decoder';
  /** Layers. The paper does not state how many. */
  readonly depth: number;
  /**
   * `printed`: no projections, as in the paper. `projected`: learned projections and several heads; not in the paper.
   */
  readonly attention: { readonly kind: 'printed' } | { readonly kind: 'projected'; readonly heads: number };
  /**
   * Adds each layer's input and normalises. Not in the paper; false with `printed` attention is the paper's equation.
   * Default true.
   */
  readonly residual?: boolean;
}

/** LONGER (arXiv 2505.04421), the sequence model of LEMUR's baseline, with the defaults of @sifaka/ranker. */
export interface LongerReaderOptions {
  readonly kind: 'longer';
}

/** The mean of the history's vectors. It has no weights. */
export interface MeanPoolingReaderOptions {
  readonly kind: 'meanPooling';
}

/** Deep Interest Network (arXiv 1706.06978): attention to the candidate. Defaults are those of `Din`. */
export interface DinReaderOptions extends Pick<DinOptions, 'hiddenDims' | 'activation' | 'pooling'> {
  readonly kind: 'din';
}

/** Deep Interest Evolution Network (arXiv 1809.03672). Defaults are those of `Dien`. */
export interface DienReaderOptions extends Pick<DienOptions, 'auxiliaryWeight'> {
  readonly kind: 'dien';
}

/**
 * Search-based Interest Model (arXiv 2006.05639), for long sequences. Defaults are those of `Sim`. Its hard search
 * needs the categories of the items: `categories` of {@link Catalogue}.
 */
export interface SimReaderOptions extends Pick<SimOptions, 'search' | 'top' | 'heads'> {
  readonly kind: 'sim';
}

/** The module that reads a sequence into one vector. */
export type ReaderOptions =
  | DecoderOptions
  | LongerReaderOptions
  | MeanPoolingReaderOptions
  | DinReaderOptions
  | DienReaderOptions
  | SimReaderOptions;
