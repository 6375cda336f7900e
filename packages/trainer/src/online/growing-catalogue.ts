import { type Ragged, ragged } from '@sifaka/data';
import type { TokenFormat } from '@sifaka/encoders';
import type { Catalogue, ImageColumn, TextColumn } from '../catalogue/catalogue.js';
import { describeVocabulary } from '../run/catalogue-digest.js';
import { GrowingArray } from './growing-array.js';
import { GrowingTexts } from './growing-texts.js';

const bytes = (length: number): Uint8Array => new Uint8Array(length);

/**
 * A {@link Catalogue} that can grow while a model trains on it and serves from it. Build the model with it from the
 * start: until items or queries are added, it equals the catalogue that it was made from.
 */
export class GrowingCatalogue implements Catalogue {
  readonly vocabularySize: number;
  readonly format: TokenFormat;
  /** Outside ids of the items that it started with, if they were given. */
  declare readonly itemIds?: readonly string[];
  /** The property is absent, not undefined, if the catalogue started without queries. */
  declare readonly queries?: TextColumn;
  readonly #height: number;
  readonly #width: number;
  readonly #pixels: GrowingArray<Uint8Array>;
  readonly #present: GrowingArray<Uint8Array>;
  readonly #documents: GrowingTexts;
  readonly #titles: GrowingTexts;
  readonly #queries: GrowingTexts | undefined;
  /** The property is absent, not undefined, if the catalogue started without categories. */
  declare readonly categories?: Ragged;
  #categoriesOf: Int32Array[] | undefined;
  #categories: Ragged | undefined;

  /** @param start copied */
  constructor(start: Catalogue) {
    const { images, documents, titles, queries, categories } = start;
    this.vocabularySize = start.vocabularySize;
    this.format = start.format;
    if (start.itemIds !== undefined) this.itemIds = start.itemIds;
    this.#height = images.height;
    this.#width = images.width;
    this.#pixels = new GrowingArray(bytes, images.pixels);
    this.#present = new GrowingArray(bytes, images.present);
    this.#documents = new GrowingTexts(documents);
    this.#titles = new GrowingTexts(titles);
    this.#queries = queries && new GrowingTexts(queries);
    if (queries !== undefined)
      Object.defineProperty(this, 'queries', { get: () => this.#queries?.column, enumerable: true });
    if (categories === undefined) return;
    const { offsets, ids } = categories;
    this.#categoriesOf = Array.from({ length: start.size }, (_, item) => ids.slice(offsets[item]!, offsets[item + 1]!));
    const get = () => {
      this.#categories ??= ragged(this.#categoriesOf!);
      return this.#categories;
    };
    Object.defineProperty(this, 'categories', { get, enumerable: true });
  }

  get size(): number {
    return this.#present.values.length;
  }

  get images(): ImageColumn {
    return {
      pixels: this.#pixels.values,
      height: this.#height,
      width: this.#width,
      present: this.#present.values,
    };
  }

  get documents(): TextColumn {
    return this.#documents.column;
  }

  get titles(): TextColumn {
    return this.#titles.column;
  }

  /** Adds an item without content. @returns its id */
  append(): number {
    const { size } = this;
    this.#pixels.append(bytes(this.#height * this.#width * 3));
    this.#present.append(bytes(1));
    for (const texts of [this.#documents, this.#titles]) {
      texts.append({ ids: new Int32Array(texts.maxLength), lengths: new Int32Array(1) });
    }
    this.setCategories(size, new Int32Array(0));
    return size;
  }

  /**
   * Gives an item the content of item `from` of another catalogue.
   *
   * @throws RangeError for an unknown item, or if the catalogues differ in the number of tokens, in the special tokens or
   * in the shape of images or texts.
   */
  replace(item: number, other: Catalogue, from: number): void {
    if (!(item >= 0 && item < this.size)) {
      throw new RangeError(`GrowingCatalogue.replace: expected an item in 0 … ${this.size - 1}, got ${item}`);
    }
    const [here, there] = [shapeOf(this), shapeOf(other)];
    if (here !== there) throw new RangeError(`GrowingCatalogue.replace: expected ${here}, got ${there}`);
    const width = this.#height * this.#width * 3;
    this.#pixels.set(other.images.pixels.subarray(from * width, (from + 1) * width), item * width);
    this.#present.set(other.images.present.subarray(from, from + 1), item);
    this.#documents.replace(item, other.documents, from);
    this.#titles.replace(item, other.titles, from);
    if (other.categories === undefined) return; // Contents of an online trainer: what was known of the item stays.
    const { offsets, ids } = other.categories;
    this.setCategories(item, ids.slice(offsets[from]!, offsets[from + 1]!));
  }

  /** Gives an item other categories. Nothing happens if the catalogue started without. @param ids ascending, kept */
  setCategories(item: number, ids: Int32Array): void {
    if (this.#categoriesOf === undefined) return;
    this.#categoriesOf[item] = ids;
    this.#categories = undefined;
  }

  /** Adds queries. Their ids follow the existing ones. @throws RangeError if the catalogue started without queries. */
  appendQueries(texts: Pick<TextColumn, 'ids' | 'lengths'>): void {
    this.#growingQueries('appendQueries').append(texts);
  }

  /** Calls `use` with the id of a query that exists only during the call. @returns its result */
  withQuery<Result>(text: Pick<TextColumn, 'ids' | 'lengths'>, use: (query: number) => Result): Result {
    const queries = this.#growingQueries('withQuery');
    const { count } = queries;
    queries.append(text);
    try {
      return use(count);
    } finally {
      queries.truncate(count);
    }
  }

  #growingQueries(where: string): GrowingTexts {
    if (this.#queries !== undefined) return this.#queries;
    throw new RangeError(`GrowingCatalogue.${where}: expected a catalogue that started with queries, got one without`);
  }
}

function shapeOf(catalogue: Catalogue): string {
  const { images, documents, titles } = catalogue;
  return (
    `images of ${images.height} × ${images.width}, documents of ${documents.maxLength} and titles of ` +
    `${titles.maxLength} tokens (${describeVocabulary(catalogue)})`
  );
}
