import type { SampleStream, StreamEvent, StreamState } from '@sifaka/data';
import type { ImageProcessor, Tokenizer } from '@sifaka/encoders/node';
import type { GrowingCatalogue } from './growing-catalogue.js';
import type { OwnCounts } from './online-counts.js';
import type { MeterState, OnlineMetrics } from './prequential-meter.js';
import type { NewItem } from './read-new-items.js';

export interface OnlineSettings {
  /** Share of the model's peak learning rates, constant over all steps. Default 1. */
  readonly rate?: number;
  /** Maximum size of the catalogue. Further items, and events on them, are refused and counted. Default: no limit. */
  readonly maxItems?: number;
  /**
   * Ends with a {@link TrainingError} if this many steps in a row are skipped because their loss or gradient is not
   * finite. Default 20.
   */
  readonly maxSkippedSteps?: number;
  /** Number of steps per call of `onMetrics`. Default 100. */
  readonly metricsEvery?: number;
  readonly onMetrics?: (metrics: OnlineMetrics) => void;
}

export interface OnlineOptions extends OnlineSettings {
  /**
   * Makes the batches. It needs `histories: historiesOf(options)`; the `historyAsOf` of the samples that the model was
   * trained with; as `userIds` the users that the model was trained with; the catalogue's queries, if the model reads
   * the samples' queries; and the catalogue's `itemIds` and `statistics`, if the model reads statistics.
   */
  readonly stream: SampleStream;
  /** The catalogue that the model was built with. */
  readonly catalogue: GrowingCatalogue;
  /** Outside id of each item, by id in the catalogue. */
  readonly itemIds: readonly string[];
  /** The tokenizer that the catalogue was built with. */
  readonly tokenizer: Tokenizer;
  /** The image processor that the catalogue was built with. Needed if the model has a published image encoder. */
  readonly imageProcessor?: ImageProcessor | undefined;
  /** Number of steps of the model's earlier training. Random draws and ages continue from it. Default 0. */
  readonly firstStep?: number;
}

/** An element of a source: an event, or new items. */
export type Arrival = StreamEvent | { readonly items: readonly NewItem[] };

export interface RunOnlineOptions {
  /**
   * Maximum time that an event waits for its batch to fill, in milliseconds. Default: no limit while the source runs.
   */
  readonly maxWaitMs?: number;
  /** Ends the run after the current step. */
  readonly signal?: AbortSignal;
  /** Saves after every `every` steps, and at the end. Default: nothing is saved. */
  readonly checkpoints?: { readonly folder: string; readonly every: number };
}

export interface RankRequest {
  readonly user: string | number;
  readonly candidates: readonly (string | number)[];
  /** The text that the user typed, for a model that reads the samples' queries. Default: none. */
  readonly query?: string;
  /**
   * When the request is made, in Unix seconds, as the stream's events have it. A service passes `Date.now() / 1000`.
   * With `historyAsOf: 'visit'` it decides whether the user's visit still lasts: then histories end where the visit
   * began. Default: just after the newest event that the stream has received.
   */
  readonly time?: number;
}

export interface RankedItem {
  readonly item: string;
  readonly logit: number;
  /** False if the bank has no vector of the item, so that it was ranked by its id alone. */
  readonly hasVector: boolean;
}

/** Result of adding items. */
export interface AddedItems {
  readonly added: number;
  /** Items that existed already. The new content replaces the old. */
  readonly replaced: number;
  /** Items for which there was no room. */
  readonly refused: number;
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
  /** Items given with and without category ids. Absent if the catalogue has no categories. */
  readonly categories?: { readonly ok: number; readonly missing: number };
}

/** State of an {@link OnlineTrainer} besides model, catalogue and tokenizer, as plain JSON data. */
export interface OnlineState {
  readonly format: 4;
  readonly step: number;
  readonly itemIds: readonly string[];
  readonly own: OwnCounts;
  readonly trainingSeconds: number;
  readonly stream: StreamState;
  readonly meter: MeterState;
}
