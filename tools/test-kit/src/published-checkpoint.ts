import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readGolden } from './golden.js';

/** The tiny random checkpoints that the encoders are tested with, from `tools/golden/encoders/published.py`. */
const ENCODER_TESTS = new URL('../../../packages/encoders/test/', import.meta.url).href;

export const PUBLISHED_TEXT = ['bert', 'roberta', 'xlm-roberta', 'distilbert', 'clip-text', 'siglip-text'] as const;
export const PUBLISHED_IMAGE = ['vit', 'dinov2', 'dinov2-with-registers', 'clip-image', 'siglip-image'] as const;
export type PublishedKind = (typeof PUBLISHED_TEXT)[number] | (typeof PUBLISHED_IMAGE)[number];

interface Golden {
  readonly config: Readonly<Record<string, unknown>>;
  /** A safetensors file in base64. */
  readonly checkpoint: string;
  readonly preprocessor?: Readonly<Record<string, unknown>>;
}

/** Most tokens of a document, without those at its ends. The tiny models have 6 to 8 positions. */
export const PUBLISHED_TOKENS = 4;

/** Ids below 20, the models' vocabulary. The tokens at the ends are those of the tiny CLIP. */
const WORDS = ['a', 'lemur', 'leap', '##s', 'sand', 'tree', 'sun', 'red', 'blue', 'film'];
const VOCABULARY = { '[PAD]': 0, '[UNK]': 3, '[CLS]': 18, '[SEP]': 19 };

const TOKENIZER = {
  version: '1.0',
  added_tokens: [],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 19], cls: ['[CLS]', 18] },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { ...VOCABULARY, ...Object.fromEntries(WORDS.map((word, i) => [word, 4 + i])) },
  },
};

/** Side of the images of every tiny image encoder but CLIP's. */
export const PUBLISHED_SIDE = 12;

/** Writes the files of a tiny checkpoint into a folder. @param changes to config.json */
export function writePublished(
  folder: string,
  kind: PublishedKind,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const { config, checkpoint, preprocessor } = read(kind);
  mkdirSync(folder, { recursive: true });
  const write = (file: string, content: unknown) =>
    writeFileSync(path.join(folder, file), content instanceof Buffer ? content : JSON.stringify(content));
  write('config.json', { ...config, ...changes });
  write('model.safetensors', Buffer.from(checkpoint, 'base64'));
  writeFileSync(path.join(folder, 'README.md'), '---\nlicense: apache-2.0\n---\n');
  if (preprocessor === undefined) {
    write('tokenizer.json', TOKENIZER);
    write('tokenizer_config.json', { pad_token: '[PAD]' });
  } else {
    const size = { height: PUBLISHED_SIDE, width: PUBLISHED_SIDE };
    const resizing = { do_resize: true, size, resample: 3, do_center_crop: false };
    write('preprocessor_config.json', { image_processor_type: 'ViTImageProcessor', ...resizing, ...preprocessor });
  }
  return folder;
}

function read(kind: PublishedKind): Golden {
  return readGolden<Golden>(ENCODER_TESTS, `published/${kind}`);
}
