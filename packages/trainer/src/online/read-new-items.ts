import { decodeImage, ImageError, type Tokenizer } from '@sifaka/encoders/node';
import { buildCatalogue, type RawItem } from '../catalogue/build-catalogue.js';
import type { Catalogue } from '../catalogue/catalogue.js';

/** A new item: its outside id and its raw content. */
export interface NewItem extends Omit<RawItem, 'image'> {
  readonly id: string | number;
  /** Path or bytes of an image file. */
  readonly image?: string | Uint8Array | undefined;
}

export interface ReadItems {
  /** The items' content, in the order given. */
  readonly contents: Catalogue;
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
}

/**
 * Decodes and tokenizes new items to the shapes of a catalogue. Missing and broken images are counted.
 *
 * @param catalogue the catalogue that the items will be added to
 * @param tokenizer the tokenizer that the catalogue was built with
 */
export async function readNewItems(
  items: readonly NewItem[],
  catalogue: Catalogue,
  tokenizer: Tokenizer,
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
    imageHeight: images.height,
    imageWidth: images.width,
    documentLength: documents.maxLength,
    titleLength: titles.maxLength,
  });
  const found = { ...counts.images };
  const decodeBytes = async ({ image }: NewItem, index: number) => {
    if (!(image instanceof Uint8Array)) return;
    const pixels = await decodeImage(image, images).catch((error: unknown) => {
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
  return { contents, images: found };
}
