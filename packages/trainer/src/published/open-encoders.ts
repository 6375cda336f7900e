import {
  describePretrained,
  IMAGE_ARCHITECTURES,
  loadImageEncoder,
  loadTextEncoder,
  type PretrainedFiles,
  TEXT_ARCHITECTURES,
} from '@sifaka/encoders';
import {
  ImageProcessor,
  type OpenedPretrained,
  type OpenPretrainedOptions,
  openPretrained,
  PublishedTokenizer,
} from '@sifaka/encoders/node';
import type { Modality } from '../model/content-fusion.js';
import { type EncoderOptions, withEncoderName } from '../model/encoder-options.js';
import type {
  EncoderSource,
  LoadedEncoders,
  LoadedImageEncoder,
  LoadedTextEncoder,
} from '../model/published-encoders.js';
import { WeightsDigest } from './weights-digest.js';

/** The options that name published encoders; those of a model or a preset have more. */
export interface NamedEncoders {
  readonly content?: { readonly [Name in Modality]?: string | EncoderOptions } | undefined;
}

/** The published encoders that options name, without their weights. */
export interface PublishedEncoders {
  /** What the encoders read: options of `buildCatalogue` and of an `OnlineTrainer`. */
  readonly inputs: {
    readonly tokenizer?: PublishedTokenizer;
    readonly imageProcessor?: ImageProcessor;
  };
  /** A line about each: its architecture, size and licence. Show them: a licence may restrict the use. */
  readonly descriptions: readonly string[];
  /**
   * Reads the weights. Each model needs encoders of its own, because it trains and disposes them.
   *
   * @throws Error naming the weight or the field of the configuration that is missing or wrong.
   */
  load(): Promise<LoadedEncoders>;
}

/**
 * Opens the published encoders that options name: the files, the tokenizer of a text encoder and the image processor of
 * an image encoder. Models of the hub are downloaded once; see `openPretrained` of @sifaka/encoders.
 *
 * @param settings of the hub, such as `offline` or `onProgress`. The options say the revision.
 * @throws PretrainedError if there is no such checkpoint or it cannot be read; RangeError if it has another
 *   architecture, or no image processor that is known; TokenizerError if its tokenizer cannot be used.
 */
export async function openEncoders(
  { content = {} }: NamedEncoders,
  settings: Omit<OpenPretrainedOptions, 'revision'> = {},
): Promise<PublishedEncoders> {
  const [imageOptions, textOptions] = [optionsOf(content.image), optionsOf(content.text)];
  const image = imageOptions && (await openOne('image', imageOptions, settings));
  const text = textOptions && (await openOne('text', textOptions, settings));
  const tokenizer = text && (await PublishedTokenizer.fromFiles(text.files));
  return {
    inputs: {
      ...(tokenizer && { tokenizer }),
      ...(image && { imageProcessor: ImageProcessor.fromFiles(image.files) }),
    },
    descriptions: [image, text].flatMap((each) => (each === undefined ? [] : [describePretrained(each.files)])),
    async load() {
      const loadedImage = image && (await loadImage(image));
      try {
        return {
          ...(loadedImage && { image: loadedImage }),
          ...(text && { text: await loadText(text, tokenizer!) }),
        };
      } catch (error) {
        loadedImage?.encoder.dispose();
        throw error;
      }
    },
  };
}

/** A checkpoint that the options of one encoder name. */
interface Opened {
  readonly name: string;
  readonly revision?: string;
  readonly files: OpenedPretrained;
}

const ARCHITECTURES = { image: IMAGE_ARCHITECTURES, text: TEXT_ARCHITECTURES } as const;

/** Undefined: an encoder of our own. */
function optionsOf(given: string | EncoderOptions | undefined): Omit<Opened, 'files'> | undefined {
  const { encoder, revision } = (withEncoderName(given) ?? {}) as EncoderOptions;
  return encoder === undefined ? undefined : { name: encoder, ...(revision !== undefined && { revision }) };
}

async function openOne(
  kind: Modality,
  named: Omit<Opened, 'files'>,
  settings: Omit<OpenPretrainedOptions, 'revision'>,
): Promise<Opened> {
  const { name, revision } = named;
  const files = await openPretrained(name, { ...settings, ...(revision !== undefined && { revision }) });
  const type = files.config['model_type'];
  if (!ARCHITECTURES[kind].includes(type as string)) {
    const known = ARCHITECTURES[kind].join(', ');
    throw new RangeError(
      `openEncoders: content.${kind}: expected an encoder with a model_type of ${known}, got ${JSON.stringify(type)} ` +
        `(${files.name})`,
    );
  }
  return { ...named, files };
}

async function loadImage(opened: Opened): Promise<LoadedImageEncoder> {
  const { digest, files } = withDigest(opened.files);
  const { encoder, architecture } = await loadImageEncoder(files);
  return { encoder, source: sourceOf(opened, architecture, digest) };
}

async function loadText(opened: Opened, tokenizer: PublishedTokenizer): Promise<LoadedTextEncoder> {
  const { digest, files } = withDigest(opened.files);
  const { vocabularySize, format } = tokenizer;
  const { encoder, architecture } = await loadTextEncoder(files, { paddingId: format.padding });
  return { encoder, source: sourceOf(opened, architecture, digest), vocabularySize, format };
}

function withDigest(files: PretrainedFiles): { readonly digest: WeightsDigest; readonly files: PretrainedFiles } {
  const digest = new WeightsDigest(files);
  return { digest, files: { ...files, weights: digest.weights } };
}

function sourceOf({ name, revision, files }: Opened, architecture: string, digest: WeightsDigest): EncoderSource {
  const { commit, licence } = files;
  return {
    name,
    ...(revision !== undefined && { revision }),
    ...(commit !== undefined && { commit }),
    architecture,
    ...(licence !== undefined && { licence }),
    digest: digest.value(),
  };
}
