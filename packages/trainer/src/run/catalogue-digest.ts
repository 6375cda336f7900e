import type { Catalogue, TextColumn } from '../catalogue/catalogue.js';
import type { RankerOptions } from '../model/options.js';
import { sha256 } from './digest.js';

/** What a model reads of a catalogue: sizes, and SHA-256 of the contents. An id-only model reads the size alone. */
export interface CatalogueDigest {
  readonly items: number;
  readonly vocabulary?: string;
  readonly images?: string;
  readonly documents?: string;
  readonly titles?: string;
  readonly queries?: string;
}

export function digestCatalogue(catalogue: Catalogue, { content }: RankerOptions): CatalogueDigest {
  const { size, vocabularySize, classification, separator, images, documents, titles, queries } = catalogue;
  if (content === undefined) return { items: size };
  return {
    items: size,
    vocabulary: `${vocabularySize} tokens, ${classification} begins, ${separator} separates`,
    images: `${images.height} × ${images.width}, ${sha256(images.pixels)}, ${sha256(images.present)}`,
    documents: digestTexts(documents),
    ...(content.query === 'samples' ? queries && { queries: digestTexts(queries) } : { titles: digestTexts(titles) }),
  };
}

/** Describes in which parts two catalogues differ; empty if they do not. */
export function catalogueDifference(there: CatalogueDigest, here: CatalogueDigest): string {
  const names = Object.keys({ ...there, ...here }) as (keyof CatalogueDigest)[];
  return names
    .filter((name) => there[name] !== here[name])
    .map((name) => (name === 'items' ? `${there.items} items there, ${here.items} here` : `other ${name}`))
    .join(', ');
}

function digestTexts({ ids, lengths, maxLength }: TextColumn): string {
  const bytes = (values: Int32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return `${maxLength} tokens, ${sha256(bytes(ids))}, ${sha256(bytes(lengths))}`;
}
