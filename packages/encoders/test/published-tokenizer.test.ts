import { encodeTexts, PublishedTokenizer, readTokenizer, TextTokenizer, TokenizerError } from '@sifaka/encoders/node';
import { describe, expect, test } from 'vitest';
import golden from './golden/published-tokenizers.json' with { type: 'json' };

type Kind = keyof typeof golden.kinds;
const kinds = Object.keys(golden.kinds) as Kind[];

const filesOf = (kind: Kind) => {
  const { config, tokenizer, tokenizerConfig } = golden.kinds[kind];
  return { name: `tiny ${kind}`, config, tokenizer, tokenizerConfig };
};
const load = (kind: Kind) => PublishedTokenizer.fromFiles(filesOf(kind));

interface Rows {
  readonly maxLength: number;
  readonly ids: readonly number[];
  /** Positions in `ids` of type 1. */
  readonly types: readonly number[];
  readonly lengths: readonly number[];
}

async function expectRows(
  tokenizer: PublishedTokenizer,
  texts: readonly (string | readonly string[])[],
  { maxLength, ids, types, lengths }: Rows,
): Promise<void> {
  const batch = await encodeTexts(tokenizer, texts, { maxLength });
  const rows = texts.map((_, i) => [...batch.ids.subarray(i * batch.length, (i + 1) * batch.length)]);
  const width = ids.length / texts.length;
  expect(rows).toEqual(texts.map((_, i) => ids.slice(i * width, (i + 1) * width)));
  expect(batch.length).toBe(width);
  expect([...batch.types].flatMap((type, i) => (type === 1 ? [i] : []))).toEqual(types);
  expect([...batch.lengths]).toEqual(lengths);
}

describe.each(kinds)('a published tokenizer: %s', (kind) => {
  test('gives the rows of AutoTokenizer for texts of many kinds', async () => {
    const tokenizer = await load(kind);
    for (const rows of golden.kinds[kind].texts) await expectRows(tokenizer, golden.texts, rows);
  });

  test('gives the rows of AutoTokenizer for titles with descriptions', async () => {
    const tokenizer = await load(kind);
    for (const rows of golden.kinds[kind].pairs) await expectRows(tokenizer, golden.pairs, rows);
  });

  test('keeps the tokens at the end, and ids of the vocabulary only', async () => {
    const tokenizer = await load(kind);
    const { format, vocabularySize, maxLength = 64 } = tokenizer;
    const short = format.start.length + format.end.length + 1;
    const { ids, length, lengths } = await encodeTexts(tokenizer, golden.texts, {
      maxLength: format.fixedLength ?? short,
    });
    lengths.forEach((count, row) => {
      const tokens = [...ids.subarray(row * length, row * length + count)];
      expect(tokens.slice(0, format.start.length)).toEqual(format.start);
      expect(tokens.slice(count - format.end.length)).toEqual(format.end);
    });
    expect(ids.every((id) => id >= 0 && id < vocabularySize)).toBe(true);
    expect(maxLength).toBeGreaterThan(short);
  });

  test('toJSON restores it', async () => {
    const tokenizer = await load(kind);
    const restored = await readTokenizer(tokenizer.toJSON());
    expect(restored).toBeInstanceOf(PublishedTokenizer);
    expect([restored.format, restored.vocabularySize]).toEqual([tokenizer.format, tokenizer.vocabularySize]);
    expect(restored.toJSON()).toBe(tokenizer.toJSON());
    const options = { maxLength: 40 };
    expect(await encodeTexts(restored, golden.texts, options)).toEqual(
      await encodeTexts(tokenizer, golden.texts, options),
    );
  });

  test('half a surrogate pair becomes U+FFFD', async () => {
    const tokenizer = await load(kind);
    const [half, whole] = ['a\ud83e b', 'a\ufffd b'].map((text) => tokenizer.encodeBatch([text], { maxLength: 20 }));
    expect(await half).toEqual(await whole);
  });

  test('reads no more of a long text than it needs, with the tokens of the whole', async () => {
    const tokenizer = await load(kind);
    const texts = [
      'a sifaka leaps '.repeat(70_000), // a megabyte
      `${'\u0000\u200b'.repeat(20_000)} the sand is hot`, // dropped by some
      `e${'\u0301'.repeat(20_000)} the sand is hot`,
      `${' '.repeat(30_000)}the sand is hot`,
      'q'.repeat(100_000),
      'ﷺ '.repeat(2000), // one character becomes many
      '猫'.repeat(20_000),
      'שלום '.repeat(10_000),
      '🦧'.repeat(10_000),
    ];
    const few = await tokenizer.encodeBatch(texts, { maxLength: 12 });
    // More tokens read more text.
    const many = await tokenizer.encodeBatch(texts, { maxLength: 1000 });
    expect(few.lengths).toEqual(many.lengths.map((count) => Math.min(12, count)));
    texts.forEach((_, i) => {
      const kept = few.ids.subarray(i * 12, i * 12 + few.lengths[i]!);
      expect(kept).toEqual(many.ids.subarray(i * 1000, i * 1000 + few.lengths[i]!));
    });
  });
});

describe('PublishedTokenizer', () => {
  test('SigLIP reads padding, so all rows have its length', async () => {
    const { format, maxLength } = await load('siglip');
    expect([format.fixedLength, maxLength]).toEqual([64, 64]);
    const files = filesOf('siglip');
    const config = { model_type: 'siglip', text_config: { max_position_embeddings: 16 } };
    const short = await PublishedTokenizer.fromFiles({ ...files, config });
    expect((await encodeTexts(short, ['a', 'the sand'], { maxLength: 8 })).length).toBe(16);
    await expect(encodeTexts(short, ['a'], { maxLength: 17 })).rejects.toThrow(
      'joinFields: expected a maxLength of 2 to 16 tokens, got 17',
    );
  });

  test('fields can be joined as one text, or as pairs', async () => {
    const bert = filesOf('bert');
    const joined = await PublishedTokenizer.fromFiles(bert, { fields: 'joined' });
    const one = await encodeTexts(joined, ['the sand is hot'], { maxLength: 20 });
    expect(await encodeTexts(joined, [['the sand', 'is hot']], { maxLength: 20 })).toEqual(one);
    const roberta = await PublishedTokenizer.fromFiles(filesOf('roberta'), { fields: 'joined' });
    expect(await roberta.decode(roberta.format.between)).toBe(' ');
    const wrong = { fields: 'both' as 'pair' };
    await expect(PublishedTokenizer.fromFiles(bert, wrong)).rejects.toThrow(
      'expected fields of pair or joined, got "both"',
    );
  });

  test('a missing description takes no separator, a missing title does', async () => {
    const tokenizer = await load('bert');
    const { start, between, end } = tokenizer.format;
    const { ids, length, lengths, types } = await encodeTexts(
      tokenizer,
      [
        ['the', ''],
        ['', 'the'],
        ['', ''],
      ],
      {
        maxLength: 9,
      },
    );
    const [the] = (await tokenizer.encodeBatch(['the'], { maxLength: 1 })).ids;
    const row = (i: number) => [...ids.subarray(i * length, i * length + lengths[i]!)];
    expect([row(0), row(1), row(2)]).toEqual([
      [...start, the, ...end],
      [...start, ...between, the, ...end],
      [...start, ...end],
    ]);
    expect([...types.subarray(length, length + 4)]).toEqual([0, 0, 1, 1]);
  });

  test('uses no token near a cut, where a word may be cut in two', async () => {
    const tokenizer = await load('bert');
    const whole = await tokenizer.encodeBatch(['the sand'], { maxLength: 1 });
    // BERT drops the zeros. Of 2008 characters read at first, the last two are the start of `the`.
    const behind = await tokenizer.encodeBatch([`${'\u0000'.repeat(2006)}the sand`], { maxLength: 1 });
    expect(behind).toEqual(whole);
  });

  test('decode leaves special tokens out and refuses ids outside the vocabulary', async () => {
    const tokenizer = await load('bert');
    const { ids } = await encodeTexts(tokenizer, ['the sand'], { maxLength: 9 });
    expect(await tokenizer.decode(ids)).toBe('the sand');
    await expect(tokenizer.decode([tokenizer.vocabularySize])).rejects.toThrow(
      `PublishedTokenizer.decode: expected ids from 0 to ${tokenizer.vocabularySize - 1}, got ${tokenizer.vocabularySize}`,
    );
  });

  test('stops when its signal is aborted, and names what is no text', async () => {
    const tokenizer = await load('clip');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(encodeTexts(tokenizer, ['a'], { maxLength: 9, signal })).rejects.toThrow('enough');
    await expect(encodeTexts(tokenizer, ['a', 7 as unknown as string], { maxLength: 9 })).rejects.toThrow(
      'PublishedTokenizer.encodeBatch: expected a string, got number at 1',
    );
    await expect(encodeTexts(tokenizer, ['a'], { maxLength: 2 })).rejects.toThrow('a maxLength of at least 3 tokens');
  });

  const bert = filesOf('bert');
  const { tokenizer: _, ...withoutTokenizer } = bert;
  const saved = JSON.parse(bert.tokenizer);
  const withSaved = (change: object) => ({ ...bert, tokenizer: JSON.stringify({ ...saved, ...change }) });
  const withConfig = (change: object) => ({ ...bert, tokenizerConfig: { ...bert.tokenizerConfig, ...change } });
  test.each([
    ['no tokenizer.json', withoutTokenizer, 'tiny bert: expected a tokenizer.json, got none'],
    ['text that is not JSON', { ...bert, tokenizer: '{' }, 'expected JSON in tokenizer.json, got other text'],
    ['JSON of another kind', { ...bert, tokenizer: '{}' }, 'expected a tokenizer.json of the tokenizers library'],
    ['deep brackets', { ...bert, tokenizer: '['.repeat(1e6) }, 'at most 32 levels of brackets in tokenizer.json'],
    ['padding on the left', withConfig({ padding_side: 'left' }), `expected padding_side 'right', got "left"`],
    ['truncation on the left', withConfig({ truncation_side: 'left' }), `expected truncation_side 'right', got "left"`],
    ['no padding token', withConfig({ pad_token: null }), 'expected a pad_token in tokenizer_config.json, got none'],
    ['an unknown padding token', withConfig({ pad_token: '[P]' }), 'expected the pad_token "[P]" in tokenizer.json'],
    [
      'an added token that is elsewhere',
      withConfig({ added_tokens_decoder: { 7: { content: '[NEW]' } } }),
      'expected the added token 7 "[NEW]" in tokenizer.json, got none',
    ],
    [
      'a post-processor of another kind',
      withSaved({
        post_processor: {
          type: 'TemplateProcessing',
          single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '[CLS]', type_id: 2 } }],
          pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
          special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] } },
        },
      }),
      'expected a post_processor that adds tokens before, between and after texts, got another',
    ],
  ])('refuses %s', async (_, files, message) => {
    const error = await PublishedTokenizer.fromFiles(files).catch((error: unknown) => error);
    expect(TokenizerError.isInstance(error) && error.reason).toBe('format');
    expect(String(error)).toContain(message);
  });

  test.each(['{}', '{"type":"PublishedTokenizer",', '{"type":"PublishedTokenizer","config":null}'])(
    'fromJSON refuses %s',
    async (json) => {
      await expect(PublishedTokenizer.fromJSON(json)).rejects.toThrow('expected the output of toJSON, got other text');
    },
  );
});

test('a trained tokenizer fits the same interface', async () => {
  const tokenizer = await TextTokenizer.train(['A lemur leaps.'], { vocabularySize: 262 });
  const { ids, length, lengths, types } = await encodeTexts(tokenizer, [['leaps', 'lemur'], 'a'], { maxLength: 32 });
  const [title, text] = await Promise.all(['leaps', 'lemur'].map((field) => tokenizer.encode(field)));
  const row = [tokenizer.classification, ...title!, tokenizer.separator, ...text!];
  expect([...ids.subarray(0, length)]).toEqual(row);
  expect([...types.subarray(0, length)]).toEqual(row.map((_, i) => (i > title!.length + 1 ? 1 : 0)));
  expect(lengths[1]).toBe(2 + 1);
  const restored = await readTokenizer(tokenizer.toJSON());
  expect(restored).toBeInstanceOf(TextTokenizer);
  expect(await encodeTexts(restored, ['a'], { maxLength: 4 })).toEqual(
    await encodeTexts(tokenizer, ['a'], { maxLength: 4 }),
  );
});
