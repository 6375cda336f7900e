import type { Catalogue, ImageColumn, TextColumn } from '../catalogue/catalogue.js';
import { GrowingArray } from './growing-array.js';
import { GrowingTexts } from './growing-texts.js';

const bytes = (length: number): Uint8Array => new Uint8Array(length);

/**
 * A {@link Catalogue} that items and queries are added to while a model trains on it and serves from it. Make the model with it from the
 * start: until something is added it is the catalogue it began with.
 */
export class GrowingCatalogue implements Catalogue {
  readonly vocabularySize: number;
  readonly classification: number;
  readonly separator: number;
  /** Absent, not undefined, where the catalogue began without queries. */
  declare readonly queries?: TextColumn;
  readonly #height: number;
  readonly #width: number;
  readonly #pixels: GrowingArray<Uint8Array>;
  readonly #present: GrowingArray<Uint8Array>;
  readonly #documents: GrowingTexts;
  readonly #titles: GrowingTexts;
  readonly #queries: GrowingTexts | undefined;

  /** @param begin copied */
  constructor(begin: Catalogue) {
    const { images, documents, titles, queries } = begin;
    this.vocabularySize = begin.vocabularySize;
    this.classification = begin.classification;
    this.separator = begin.separator;
    this.#height = images.height;
    this.#width = images.width;
    this.#pixels = new GrowingArray(bytes, images.pixels);
    this.#present = new GrowingArray(bytes, images.present);
    this.#documents = new GrowingTexts(documents);
    this.#titles = new GrowingTexts(titles);
    this.#queries = queries && new GrowingTexts(queries);
    if (queries !== undefined)
      Object.defineProperty(this, 'queries', { get: () => this.#queries?.column, enumerable: true });
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

  /** Adds an item of which nothing is known yet. @returns its dense id. */
  append(): number {
    const { size } = this;
    this.#pixels.append(bytes(this.#height * this.#width * 3));
    this.#present.append(bytes(1));
    for (const texts of [this.#documents, this.#titles]) {
      texts.append({ ids: new Int32Array(texts.maxLength), lengths: new Int32Array(1) });
    }
    return size;
  }

  /**
   * Gives an item the content of item `from` of another catalogue.
   *
   * @throws RangeError if the item is not here, or the other has images or texts of another shape, or another vocabulary.
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
  }

  /** Adds queries; their ids follow those that are there. @throws RangeError if the catalogue began without queries. */
  appendQueries(texts: Pick<TextColumn, 'ids' | 'lengths'>): void {
    this.#knownQueries('appendQueries').append(texts);
  }

  /** Answers `ask` while the catalogue holds one query more; afterwards it is forgotten. @param ask gets its id */
  withQuery<Answer>(text: Pick<TextColumn, 'ids' | 'lengths'>, ask: (query: number) => Answer): Answer {
    const queries = this.#knownQueries('withQuery');
    const { count } = queries;
    queries.append(text);
    try {
      return ask(count);
    } finally {
      queries.truncate(count);
    }
  }

  #knownQueries(where: string): GrowingTexts {
    if (this.#queries !== undefined) return this.#queries;
    throw new RangeError(`GrowingCatalogue.${where}: expected a catalogue that began with queries, got one without`);
  }
}

function shapeOf({ images, documents, titles, vocabularySize }: Catalogue): string {
  return `images of ${images.height} × ${images.width}, documents of ${documents.maxLength} and titles of ${titles.maxLength} tokens out of ${vocabularySize}`;
}
