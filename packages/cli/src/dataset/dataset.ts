import type { Samples, Split } from '@sifaka/data';
import type { Catalogue, ReportData } from '@sifaka/trainer';

/** Everything that a model is trained and measured on; {@link assembleDataset} makes one. */
export interface Dataset {
  readonly samples: Samples;
  readonly split: Split;
  /** `[items]`: 1 for an item without an event in train. */
  readonly cold: Uint8Array;
  readonly catalogue: Catalogue;
  /** The part of `report.json` that describes the data. */
  readonly report: ReportData;
  /** Caveats for readers of the figures. */
  readonly warnings: readonly string[];
}
