import { type Batch, IdIndex, type SampleStream } from '@sifaka/data';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { growTable } from './grow-table.js';
import type { GrowingCatalogue } from './growing-catalogue.js';
import type { ReadItems } from './read-new-items.js';

export interface LiveItemsOptions {
  readonly model: MultimodalRanker;
  readonly catalogue: GrowingCatalogue;
  readonly stream: SampleStream;
  readonly itemIds: readonly string[];
  readonly maxItems?: number | undefined;
}

/**
 * The items that have had content or an event so far. Each has an id in the catalogue and a row in the model's item
 * table. The stream numbers items in the order of their first event, the catalogue in the order of their first content
 * or event.
 */
export class LiveItems {
  readonly #options: LiveItemsOptions;
  readonly #ids: IdIndex;
  /** Id in the catalogue, by id in the stream. */
  readonly #catalogueIdOf: number[] = [];
  /** Id in the stream, by id in the catalogue. */
  readonly #streamIdOf: Map<number, number> = new Map();

  constructor(options: LiveItemsOptions) {
    this.#options = options;
    this.#ids = new IdIndex('OnlineTrainer: itemIds', options.itemIds);
  }

  get ids(): readonly string[] {
    return this.#ids.ids;
  }

  /** Id in the catalogue; −1 for an unknown item. */
  find(id: string): number {
    return this.#ids.find(id);
  }

  hasRoomFor(id: string): boolean {
    const { catalogue, maxItems = Number.POSITIVE_INFINITY } = this.#options;
    return catalogue.size < maxItems || this.find(id) >= 0;
  }

  /**
   * The items that are known or for which there is room, in the order given.
   *
   * @returns their positions, of a repeated id the last one; and how many were refused
   */
  admitted(itemIds: readonly string[]): { readonly positions: Int32Array; readonly refused: number } {
    const { catalogue, maxItems = Number.POSITIVE_INFINITY } = this.#options;
    const positionOf = new Map<string, number>();
    let room = maxItems - catalogue.size;
    let refused = 0;
    itemIds.forEach((itemId, position) => {
      const isNew = !positionOf.has(itemId) && this.find(itemId) < 0;
      if (isNew && room <= 0) refused++;
      else positionOf.set(itemId, position);
      if (isNew) room--;
    });
    return { positions: Int32Array.from(positionOf.values()), refused };
  }

  /**
   * Gives items their content, and adds those that are new.
   *
   * @param positions of the items, from {@link admitted}
   * @param read contents and categories of `itemIds`, by position
   * @returns the items' ids in the catalogue, by position, and how many were added
   */
  setContents(
    itemIds: readonly string[],
    positions: Int32Array,
    { contents, categories }: Pick<ReadItems, 'contents' | 'categories'>,
  ): { readonly ids: Int32Array; readonly added: number } {
    const { catalogue } = this.#options;
    const before = catalogue.size;
    const ids = positions.map((position) => {
      const found = this.find(itemIds[position]!);
      const id = found < 0 ? this.#append(itemIds[position]!) : found;
      catalogue.replace(id, contents, position);
      const known = categories[position];
      if (known !== undefined) catalogue.setCategories(id, known);
      return id;
    });
    return { ids, added: catalogue.size - before };
  }

  /** Adds a new item without content. @returns its id in the catalogue */
  #append(itemId: string): number {
    const { catalogue, model } = this.#options;
    this.#ids.add(itemId);
    const id = catalogue.append();
    growTable(model.tables.items, catalogue.size);
    return id;
  }

  /** Adds the items that are new in the stream. @returns how many of them had no content */
  follow(): number {
    const { itemIds } = this.#options.stream;
    let unannounced = 0;
    for (let streamed = this.#catalogueIdOf.length; streamed < itemIds.length; streamed++) {
      const itemId = itemIds[streamed]!;
      const known = this.find(itemId);
      if (known < 0) unannounced++;
      const id = known < 0 ? this.#append(itemId) : known;
      this.#catalogueIdOf.push(id);
      this.#streamIdOf.set(id, streamed);
    }
    return unannounced;
  }

  /** Translates a batch of the stream to the catalogue's ids. */
  translate(batch: Batch): Batch {
    return { ...batch, histories: this.translateHistories(batch.histories), items: this.#translateIds(batch.items) };
  }

  /** Translates histories of the stream to the catalogue's ids; −1 for items that are not in the catalogue. */
  translateHistories(histories: Batch['histories']): Batch['histories'] {
    return Object.fromEntries(
      Object.entries(histories).map(([name, history]) => [
        name,
        { ...history, items: this.#translateIds(history.items) },
      ]),
    );
  }

  /** Ids in the stream of items of the catalogue; −1 for those that had no event. */
  inStream(items: Int32Array): Int32Array {
    return items.map((item) => this.#streamIdOf.get(item) ?? -1);
  }

  #translateIds(ids: Int32Array): Int32Array {
    return ids.map((id) => (id < 0 ? id : (this.#catalogueIdOf[id] ?? -1)));
  }
}
