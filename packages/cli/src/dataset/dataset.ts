import type { ItemAttributes, Samples, Split, Statistics } from '@sifaka/data';
import type { FrozenPrefixStore } from '@sifaka/encoders';
import type { Tokenizer } from '@sifaka/encoders/node';
import type { Catalogue, PublishedEncoders, ReportData } from '@sifaka/trainer';

/** The part of `report.json` that describes the data. */
export interface DataReport extends ReportData {
  /** Caveats for readers of the figures, those of the split included. */
  readonly warnings: readonly string[];
}

/** Everything that a model is trained and measured on; {@link assembleDataset} makes one. */
export interface Dataset {
  readonly samples: Samples;
  readonly split: Split;
  /** `[items]`: 1 for an item without an event in train. */
  readonly cold: Uint8Array;
  readonly catalogue: Catalogue;
  /** The tokenizer of the catalogue's texts. */
  readonly tokenizer: Tokenizer;
  /** The published encoders that the catalogue was built for. Models whose options name them load them. Default: none. */
  readonly encoders?: PublishedEncoders;
  /** Keeps what frozen layers of these encoders computed between runs. Default: each run computes it anew. */
  readonly frozenPrefixes?: FrozenPrefixStore;
  /** Categories and words of the items. */
  readonly attributes: ItemAttributes;
  /** Of every sample, with these attributes. */
  readonly statistics: Statistics;
  readonly report: DataReport;
  /** The same as `report.warnings`. */
  readonly warnings: readonly string[];
}
