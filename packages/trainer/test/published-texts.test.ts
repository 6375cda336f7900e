import type { TokenBatch } from '@sifaka/encoders';
import { encodeTexts, PublishedTokenizer } from '@sifaka/encoders/node';
import { buildCatalogue, buildRanker, type Catalogue, lemur, readContents, readQueries } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';
import { historyOf } from './small-world.js';

const vocab = Object.fromEntries(
  ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '<s>', '</s>', 'a', 'lemur', 'leap', '##s', 'sand'].map((token, id) => [
    token,
    id,
  ]),
);
const POST_PROCESSORS = {
  bert: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  roberta: {
    type: 'RobertaProcessing',
    sep: ['</s>', 5],
    cls: ['<s>', 4],
    trim_offsets: true,
    add_prefix_space: false,
  },
};
const KINDS = { bert: POST_PROCESSORS.bert, roberta: POST_PROCESSORS.roberta, siglip: POST_PROCESSORS.bert };

/** A tokenizer of words with the special tokens of a published model. */
function tokenizerOf(kind: keyof typeof KINDS): Promise<PublishedTokenizer> {
  return PublishedTokenizer.fromFiles({
    name: `tiny ${kind}`,
    config: { model_type: kind, max_position_embeddings: 12 },
    tokenizerConfig: { pad_token: '[PAD]' },
    tokenizer: JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: KINDS[kind],
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    }),
  });
}

const items = [
  { title: 'A lemur', text: 'a lemur leaps' },
  { title: 'Sand' },
  { text: 'sand, sand, sand, sand, sand, sand, sand' },
  {},
];
const SIZES = { vocabularyItems: [], imageHeight: 1, imageWidth: 1, documentLength: 9, titleLength: 4, queryLength: 4 };

async function build(tokenizer: PublishedTokenizer): Promise<Catalogue> {
  const { catalogue } = await buildCatalogue(items, { ...SIZES, tokenizer, queries: ['a lemur leaps', ''] });
  return catalogue;
}

/** The tokens of each row, without padding. */
function rowsOf({ ids, length, lengths }: TokenBatch): number[][] {
  return Array.from(lengths, (count, row) => [...ids.subarray(row * length, row * length + count)]);
}

describe.each(['bert', 'roberta', 'siglip'] as const)('a catalogue of a published tokenizer, %s', (kind) => {
  test('has the documents that the tokenizer makes of title and text', async () => {
    const tokenizer = await tokenizerOf(kind);
    const catalogue = await build(tokenizer);
    const { format } = tokenizer;
    const fields = items.map(({ title = '', text = '' }) => [title, text]);
    const maxLength = SIZES.documentLength + format.start.length + format.end.length;
    expect(readContents(catalogue, [0, 1, 2, 3]).text).toEqual(await encodeTexts(tokenizer, fields, { maxLength }));
  });

  test('has the queries that the tokenizer makes of texts, and of titles', async () => {
    const tokenizer = await tokenizerOf(kind);
    const catalogue = await build(tokenizer);
    const { format } = tokenizer;
    const liked = historyOf(
      [
        [
          [0, 1],
          [1, 1],
        ],
        [],
      ],
      { length: 2 },
    );
    const batch = {
      size: 2,
      queries: Int32Array.of(0, -1),
      sessions: Int32Array.of(1, 2),
      histories: { liked },
    };
    const expected = await encodeTexts(tokenizer, ['a lemur leaps', ''], {
      maxLength: SIZES.queryLength + format.start.length + format.end.length,
    });
    const asked = readQueries(catalogue, batch, { query: 'samples', queryItems: 2 }).text;
    expect(rowsOf(asked)).toEqual(rowsOf(expected));
    const titles = await encodeTexts(tokenizer, [['A lemur', 'Sand'], ''], { maxLength: 12 });
    const listed = readQueries(catalogue, batch, { query: 'likedTitles', queryItems: 2 }).text;
    expect(rowsOf(listed)).toEqual(rowsOf(titles));
    // Our own tower reads them, which masks padding, so they are no longer than they must be.
    expect([asked.length, listed.length]).toEqual([asked, listed].map(({ lengths }) => Math.max(...lengths)));
  });

  test('has rows that the encoders of a model take', async () => {
    const catalogue = await build(await tokenizerOf(kind));
    const model = buildRanker(lemur({ dim: 16, head: { headDim: 4 }, content: { patchSize: 1 } }), {
      catalogue,
      numUsers: 2,
    });
    const vectors = await model.encode(Int32Array.of(0, 1, 2, 3));
    expect(vectors.every((value) => Number.isFinite(value))).toBe(true);
    model.dispose();
  });
});

test('texts that the rows of a model have no room for are an error', async () => {
  const tokenizer = await tokenizerOf('siglip');
  const options = { ...SIZES, tokenizer, documentLength: 11 };
  await expect(buildCatalogue(items, options)).rejects.toThrow(
    'buildCatalogue: expected documentLength of at most 10, as the tokenizer has it, got 11',
  );
});
