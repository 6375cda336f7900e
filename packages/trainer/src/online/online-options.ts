import type { SampleStream, StreamEvent, StreamState } from '@sifaka/data';
import type { TextTokenizer } from '@sifaka/encoders/node';
import type { GrowingCatalogue } from './growing-catalogue.js';
import type { OwnCounts } from './online-counts.js';
import type { MeterState, OnlineMetrics } from './prequential-meter.js';
import type { NewItem } from './read-new-items.js';

export interface OnlineSettings {
  /** Share of the model's peak learning rates, the same in every step. Default 1. */
  readonly rate?: number;
  /** Most items of the catalogue. New ones past it are refused and counted, and so are events on them. Default: no bound. */
  readonly maxItems?: number;
  /** Steps of an interval. Default 100. */
  readonly metricsEvery?: number;
  readonly onMetrics?: (metrics: OnlineMetrics) => void;
}

export interface OnlineOptions extends OnlineSettings {
  /**
   * Makes the batches: with `histories: historiesOf(options)` and the ids that the model's user table was trained
   * with as `userIds`; where queries are the samples', also the catalogue's queries.
   */
  readonly stream: SampleStream;
  /** The one that the model was made with. */
  readonly catalogue: GrowingCatalogue;
  /** Id of each item in the catalogue, by dense id. */
  readonly itemIds: readonly string[];
  /** The one that the catalogue was built with. */
  readonly tokenizer: TextTokenizer;
  /** Steps that the model was trained before; draws and ages go on from there. Default 0. */
  readonly firstStep?: number;
}

/** What a source brings: an event, or items that come out. */
export type Arrival = StreamEvent | { readonly items: readonly NewItem[] };

export interface RunOnlineOptions {
  /** The longest that an event waits for its batch to fill, in milliseconds. Default: until it is full or the source ends. */
  readonly maxWaitMs?: number;
  /** Ends the run after the step in work. */
  readonly signal?: AbortSignal;
  /** Saves every so many steps, and at the end. Default: nothing is saved. */
  readonly checkpoints?: { readonly folder: string; readonly every: number };
}

export interface RankRequest {
  readonly user: string | number;
  readonly candidates: readonly (string | number)[];
  /** What the user typed; for a model whose queries are the samples'. Default: nothing. */
  readonly query?: string;
}

export interface RankedItem {
  readonly item: string;
  readonly logit: number;
  /** False: the bank has nothing of the item, so only its id (or the unknown id) was read. */
  readonly hasVector: boolean;
}

/** What came of items that arrived. */
export interface AddedItems {
  readonly added: number;
  /** Items that were here already; the new content takes the old one's place. */
  readonly replaced: number;
  readonly refused: number;
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
}

/** All that an {@link OnlineTrainer} knows beside model, catalogue and tokenizer, as plain data that JSON can hold. */
export interface OnlineState {
  readonly format: 2;
  readonly step: number;
  readonly itemIds: readonly string[];
  readonly own: OwnCounts;
  readonly trainingSeconds: number;
  readonly stream: StreamState;
  readonly meter: MeterState;
}
