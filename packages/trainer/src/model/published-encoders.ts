import type { ImageTower, TextTower, TokenFormat } from '@sifaka/encoders';
import { type Catalogue, rowLength } from '../catalogue/catalogue.js';
import { MODALITIES, type Modality } from './content-fusion.js';
import type { EncoderOptions } from './encoder-options.js';
import type { ContentOptions } from './options.js';

/** Which published encoder a model was made with. Plain data, which checkpoints keep. */
export interface EncoderSource {
  /** As the options name it: a name of the hub or a folder. */
  readonly name: string;
  /** As the options name it. */
  readonly revision?: string;
  /** The hub's commit, which pins the files. A folder has none. */
  readonly commit?: string;
  /** `model_type` of the checkpoint. */
  readonly architecture: string;
  /** As the checkpoint states it. */
  readonly licence?: string;
  /** SHA-256 of its weights and of the configuration that determines what they compute. */
  readonly digest: string;
}

/** The sources of a model's published encoders. */
export type EncoderSources = { readonly [Name in Modality]?: EncoderSource };

export interface LoadedImageEncoder {
  readonly encoder: ImageTower;
  readonly source: EncoderSource;
}

export interface LoadedTextEncoder {
  readonly encoder: TextTower;
  readonly source: EncoderSource;
  /** Of its tokenizer. */
  readonly vocabularySize: number;
  readonly format: TokenFormat;
}

/** Published encoders with their weights, for one model, which disposes them. `PublishedEncoders.load` makes them. */
export interface LoadedEncoders {
  readonly image?: LoadedImageEncoder;
  readonly text?: LoadedTextEncoder;
}

/**
 * @param content of the options; undefined for a model that needs no encoders
 * @throws RangeError unless the encoders are those that the options name and can be trained as these say, and the
 *   catalogue was built for them.
 */
export function assertEncoders(
  where: string,
  encoders: LoadedEncoders,
  content: Pick<ContentOptions, Modality> | undefined,
  catalogue: Catalogue,
): void {
  for (const name of MODALITIES) {
    const { encoder, revision, train } = content?.[name] ?? {};
    const loaded = encoders[name];
    const [named, given] = [fullName(encoder, revision), fullName(loaded?.source.name, loaded?.source.revision)];
    if (named !== given) {
      const got = given ?? 'none (pass encoders: await (await openEncoders(options)).load())';
      throw new RangeError(
        `${where}: expected encoders.${name} to be ${named ?? 'none'}, as the options say, got ${got}`,
      );
    }
    if (loaded !== undefined) assertTrainable(`${where}: content.${name}.train`, train, loaded);
  }
  if (encoders.image !== undefined) assertImages(where, encoders.image, catalogue);
  if (encoders.text !== undefined) assertTexts(where, encoders.text, catalogue);
}

/** Undefined: an encoder of our own. */
function fullName(name: string | undefined, revision: string | undefined): string | undefined {
  return name !== undefined && revision !== undefined ? `${name}@${revision}` : name;
}

function assertTrainable(
  where: string,
  train: EncoderOptions['train'],
  { encoder, source }: LoadedImageEncoder | LoadedTextEncoder,
): void {
  const depth = encoder.blocks.length;
  if (train?.kind === 'top' && train.blocks > depth) {
    throw new RangeError(
      `${where}.blocks: expected at most ${depth}, as many as ${source.name} has, got ${train.blocks}`,
    );
  }
  if (train?.kind === 'lora' && train.rank > encoder.dim) {
    throw new RangeError(
      `${where}.rank: expected at most ${encoder.dim}, the width of ${source.name}, got ${train.rank}`,
    );
  }
}

function assertImages(where: string, { encoder, source }: LoadedImageEncoder, { images }: Catalogue): void {
  if (images.height === encoder.height && images.width === encoder.width) return;
  throw new RangeError(
    `${where}: expected a catalogue with images of ${encoder.height} × ${encoder.width}, as ${source.name} reads them, ` +
      `got ${images.height} × ${images.width} (pass the encoder's imageProcessor to buildCatalogue)`,
  );
}

function assertTexts(where: string, loaded: LoadedTextEncoder, catalogue: Catalogue): void {
  const { encoder, source, vocabularySize, format } = loaded;
  if (catalogue.vocabularySize !== vocabularySize || JSON.stringify(catalogue.format) !== JSON.stringify(format)) {
    throw new RangeError(
      `${where}: expected a catalogue of the tokenizer of ${source.name}, with ${vocabularySize} tokens, got one of ` +
        `another, with ${catalogue.vocabularySize} (pass the encoder's tokenizer to buildCatalogue)`,
    );
  }
  const longest = rowLength(catalogue, catalogue.documents.maxLength);
  if (longest <= encoder.maxLength) return;
  throw new RangeError(
    `${where}: expected a catalogue with documents of at most ${encoder.maxLength} tokens, special tokens included, ` +
      `as ${source.name} reads them, got ${longest} (choose a shorter documentLength in buildCatalogue)`,
  );
}
