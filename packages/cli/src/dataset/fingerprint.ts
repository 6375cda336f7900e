import { createHash } from 'node:crypto';
import type { ItemAttributes, Samples, Split } from '@sifaka/data';
import type { BuiltCatalogue } from '@sifaka/trainer';

/**
 * Names the task, where histories end, events, parts of the split, texts, queries, attributes, decoded images and which
 * items have one: equal for equal data. A black image is not a missing one.
 */
export function fingerprint(
  samples: Samples,
  split: Split,
  { catalogue, tokenizer }: BuiltCatalogue,
  { attributes, task = '' }: { readonly attributes: ItemAttributes; readonly task?: string | undefined },
): string {
  const { users, items, labels, timestamps, eventTimes, queryIds, queries } = samples;
  const { images, documents, titles } = catalogue;
  const { categories, words } = attributes;
  const columns = [
    ...[users, items, labels, timestamps, eventTimes, queryIds],
    ...[split.train, split.validation, split.test],
    ...[images.pixels, images.present],
    ...[words, ...categories.map(({ ofItem }) => ofItem)].flatMap(({ offsets, ids }) => [offsets, ids]),
    ...[documents.ids, documents.lengths, titles.ids, titles.lengths],
  ];
  const hashes = columns.map((column) => shortHash(Buffer.from(column.buffer, column.byteOffset, column.byteLength)));
  const size = `${images.width} × ${images.height}`;
  const kinds = categories.map(({ name, names, inOverlap = true }) => [name, names, inOverlap]);
  const texts = [JSON.stringify(queries), JSON.stringify(kinds), tokenizer.toJSON()];
  return shortHash([task, samples.historyAsOf, split.kind, size, ...hashes, ...texts].join('\n'));
}

/** The first 16 hexadecimal digits of the content's SHA-256: enough to name something, not to protect it. */
export function shortHash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
