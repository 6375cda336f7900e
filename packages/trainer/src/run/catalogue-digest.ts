import type { Ragged } from '@sifaka/data';
import type { Catalogue, TextColumn } from '../catalogue/catalogue.js';
import type { RankerOptions } from '../model/options.js';
import { searchesCategories } from '../model/same-category.js';
import { sequencesOf } from '../model/sequences.js';
import { sha256 } from './digest.js';

/** What a model reads of a catalogue: sizes, and SHA-256 of the contents. An id-only model reads the size alone. */
export interface CatalogueDigest {
  readonly items: number;
  readonly vocabulary?: string;
  readonly images?: string;
  readonly documents?: string;
  readonly titles?: string;
  readonly queries?: string;
  readonly categories?: string;
}

export function digestCatalogue(catalogue: Catalogue, options: RankerOptions): CatalogueDigest {
  const { content } = options;
  const { size, vocabularySize, format, images, documents, titles, queries } = catalogue;
  const searched = sequencesOf(options).some(({ ids, vectors }) => [ids, vectors].some(searchesCategories));
  const categories = searched && catalogue.categories && { categories: digestLists(catalogue.categories) };
  if (content === undefined) return { items: size, ...categories };
  return {
    items: size,
    vocabulary: describeVocabulary({ vocabularySize, format }),
    images: `${images.height} × ${images.width}, ${sha256(images.pixels)}, ${sha256(images.present)}`,
    documents: digestTexts(documents),
    ...(content.query === 'samples' && queries && { queries: digestTexts(queries) }),
    ...(content.query === 'likedTitles' && { titles: digestTexts(titles) }),
    ...categories,
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

/** The tokens of a catalogue or a tokenizer: how many, and what the special ones do. */
export function describeVocabulary({ vocabularySize, format }: Pick<Catalogue, 'vocabularySize' | 'format'>): string {
  const { start, between, end, padding, types, fixedLength } = format;
  const parts = [`${vocabularySize} tokens`, `${start.join(' ')} begins`, `${between.join(' ')} separates`];
  if (end.length > 0) parts.push(`${end.join(' ')} ends`);
  if (types.join() !== '0,1') parts.push(`types ${types.join(' ')}`);
  // Padding is masked, except where all rows have one length.
  if (fixedLength !== undefined) parts.push(`${padding} fills ${fixedLength}`);
  return parts.join(', ');
}

function digestLists({ offsets, ids }: Ragged): string {
  return `${sha256(bytes(offsets))}, ${sha256(bytes(ids))}`;
}

function bytes(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function digestTexts({ ids, lengths, maxLength }: TextColumn): string {
  return `${maxLength} tokens, ${sha256(bytes(ids))}, ${sha256(bytes(lengths))}`;
}
