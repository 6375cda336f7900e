import { decodeImage, ImageError, type ImageProcessor, type Tokenizer } from '@sifaka/encoders/node';
import { buildCatalogue, type RawItem } from '../catalogue/build-catalogue.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { AddedItems } from './online-options.js';

/** A new item: its outside id and its raw content. */
export interface NewItem extends Omit<RawItem, 'image'> {
  readonly id: string | number;
  /** Path or bytes of an image file. */
  readonly image?: string | Uint8Array | undefined;
  /**
   * Its category ids, numbered as in the catalogue's `categories`, in any order; `[]` if it has none. SIM's hard search
   * finds an item by them. Default: unknown. A new item then has none, and a known one keeps those that it has.
   */
  readonly categories?: readonly number[] | undefined;
}

export interface ReadItems {
  /** The items' content, in the order given. */
  readonly contents: Catalogue;
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
  /** The items' category ids, ascending and distinct; undefined where unknown. */
  readonly categories: readonly (Int32Array | undefined)[];
}

/**
 * Decodes and tokenizes new items to the shapes of a catalogue. Missing and broken images are counted.
 *
 * @param catalogue the catalogue that the items will be added to
 * @param readers the tokenizer and the image processor that the catalogue was built with
 */
export async function readNewItems(
  items: readonly NewItem[],
  catalogue: Catalogue,
  {
    tokenizer,
    imageProcessor,
  }: { readonly tokenizer: Tokenizer; readonly imageProcessor?: ImageProcessor | undefined },
): Promise<ReadItems> {
  const { images, documents, titles } = catalogue;
  const raw = items.map(({ title, text, image }) => ({
    title,
    text,
    image: typeof image === 'string' ? image : undefined,
  }));
  const { catalogue: contents, counts } = await buildCatalogue(raw, {
    vocabularyItems: [],
    tokenizer,
    ...(imageProcessor && { imageProcessor }),
    imageHeight: images.height,
    imageWidth: images.width,
    documentLength: documents.maxLength,
    titleLength: titles.maxLength,
  });
  const found = { ...counts.images };
  const decodeBytes = async ({ image }: NewItem, index: number) => {
    if (!(image instanceof Uint8Array)) return;
    const pixels = await decodeImage(image, imageProcessor ?? images).catch((error: unknown) => {
      if (ImageError.isInstance(error)) return undefined;
      throw error;
    });
    found.missing--;
    found[pixels === undefined ? 'broken' : 'ok']++;
    if (pixels === undefined) return;
    contents.images.pixels.set(pixels, index * images.height * images.width * 3);
    contents.images.present[index] = 1;
  };
  await Promise.all(items.map(decodeBytes));
  const categories = items.map(({ categories: ids }) => ids && Int32Array.from(new Set(ids)).sort());
  return { contents, images: found, categories };
}

/** How many items were given with category ids; nothing for a catalogue without categories. */
export function countCategories(
  items: readonly NewItem[],
  { categories }: Pick<Catalogue, 'categories'>,
): Pick<AddedItems, 'categories'> {
  if (categories === undefined) return {};
  const ok = items.filter((item) => item.categories !== undefined).length;
  return { categories: { ok, missing: items.length - ok } };
}
