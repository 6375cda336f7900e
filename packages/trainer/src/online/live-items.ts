import type { Batch, BatchPast, SampleStream } from '@sifaka/data';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { growTable } from './grow-table.js';
import type { GrowingCatalogue } from './growing-catalogue.js';
import { GrowingIds } from './growing-ids.js';

export interface LiveItemsOptions {
  readonly model: MultimodalRanker;
  readonly catalogue: GrowingCatalogue;
  readonly stream: SampleStream;
  readonly itemIds: readonly string[];
  readonly maxItems?: number | undefined;
}

/**
 * The items that content or events have named so far, each with a place in the catalogue and a row in the model's item table. The stream numbers
 * items in the order of their first events, the catalogue in the order in which anything came of them: content may come first.
 */
export class LiveItems {
  readonly #options: LiveItemsOptions;
  readonly #ids: GrowingIds;
  /** The stream's dense id → the catalogue's. */
  readonly #placeOf: number[] = [];

  constructor(options: LiveItemsOptions) {
    this.#options = options;
    this.#ids = new GrowingIds('OnlineTrainer: itemIds', options.itemIds);
  }

  get ids(): readonly string[] {
    return this.#ids.ids;
  }

  /** Place in the catalogue; −1 for an id that nothing came of. */
  find(id: string): number {
    return this.#ids.find(id);
  }

  hasRoomFor(id: string): boolean {
    const { catalogue, maxItems = Number.POSITIVE_INFINITY } = this.#options;
    return catalogue.size < maxItems || this.find(id) >= 0;
  }

  /** Gives a new item a place without content. */
  append(id: string): number {
    const { catalogue, model } = this.#options;
    this.#ids.append(id);
    const place = catalogue.append();
    growTable(model.items, catalogue.size);
    return place;
  }

  /** Takes in items that the stream has met. @returns how many had no place yet. */
  follow(): number {
    const { itemIds } = this.#options.stream;
    let unannounced = 0;
    for (let streamed = this.#placeOf.length; streamed < itemIds.length; streamed++) {
      const id = itemIds[streamed]!;
      const known = this.find(id);
      if (known < 0) unannounced++;
      this.#placeOf.push(known < 0 ? this.append(id) : known);
    }
    return unannounced;
  }

  /** A batch of the stream, in the catalogue's ids. */
  translate(batch: Batch): Batch {
    return { ...batch, ...this.translatePast(batch), items: this.#places(batch.items) };
  }

  /** What users had met, in the catalogue's ids; −1 for what has no place yet. */
  translatePast({ history, historyLength, historyLengths, histories }: BatchPast): BatchPast {
    return {
      history: this.#places(history),
      historyLength,
      historyLengths,
      histories: Object.fromEntries(
        Object.entries(histories).map(([name, each]) => [name, { ...each, items: this.#places(each.items) }]),
      ),
    };
  }

  #places(ids: Int32Array): Int32Array {
    return ids.map((id) => (id < 0 ? id : (this.#placeOf[id] ?? -1)));
  }
}
