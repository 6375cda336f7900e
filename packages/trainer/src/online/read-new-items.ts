import { decodeImage, ImageError, type TextTokenizer } from '@sifaka/encoders/node';
import { buildCatalogue, type RawItem } from '../catalogue/build-catalogue.js';
import type { Catalogue } from '../catalogue/catalogue.js';

/** An item that arrives: nothing but its id and its raw content. */
export interface NewItem extends Omit<RawItem, 'image'> {
  readonly id: string | number;
  /** Path or bytes of an image file. */
  readonly image?: string | Uint8Array | undefined;
}

export interface ReadItems {
  /** The items' content in the order given. */
  readonly contents: Catalogue;
  readonly images: { readonly ok: number; readonly missing: number; readonly broken: number };
}

/**
 * Decodes and tokenizes items that arrive, to the shapes of the catalogue that they will enter. A missing or broken image is counted.
 *
 * @param tokenizer the one that the catalogue was built with; it learns nothing here.
 */
export async function readNewItems(
  items: readonly NewItem[],
  catalogue: Catalogue,
  tokenizer: TextTokenizer,
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
  const read = async ({ image }: NewItem, place: number) => {
    if (!(image instanceof Uint8Array)) return;
    const pixels = await decodeImage(image, images).catch((error: unknown) => {
      if (ImageError.isInstance(error)) return undefined;
      throw error;
    });
    found.missing--;
    found[pixels === undefined ? 'broken' : 'ok']++;
    if (pixels === undefined) return;
    contents.images.pixels.set(pixels, place * images.height * images.width * 3);
    contents.images.present[place] = 1;
  };
  await Promise.all(items.map(read));
  return { contents, images: found };
}
