import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TextTokenizer, TokenizerError } from '@sifaka/encoders/node';
import { beforeAll, describe, expect, test } from 'vitest';

interface Golden {
  readonly texts: readonly string[];
  readonly vocabularySize: number;
  readonly merges: readonly (readonly [string, string])[];
  readonly encoded: readonly { readonly text: string; readonly ids: readonly number[] }[];
}
const golden: Golden = JSON.parse(readFileSync(new URL('./golden/byte-pair.json', import.meta.url), 'utf8'));

// Words of random letters, in which most pairs are equally frequent, so that ties decide most merges.
const tied = Array.from({ length: 400 }, (_, i) =>
  Array.from({ length: 12 }, (_, k) => ((i * 7919 + k * 104_729) % 46_656).toString(36)).join(' '),
);

const mergesOf = (tokenizer: TextTokenizer): unknown[] => JSON.parse(tokenizer.toJSON()).model.merges;

let tokenizer: TextTokenizer;
beforeAll(async () => {
  tokenizer = await TextTokenizer.train(golden.texts, { vocabularySize: golden.vocabularySize });
});

describe('TextTokenizer.train', () => {
  test('equals the Python library, which has options for size and special tokens', async () => {
    expect(tokenizer.vocabularySize).toBe(golden.vocabularySize);
    expect(mergesOf(tokenizer)).toEqual(golden.merges);
    for (const { text, ids } of golden.encoded) expect([...(await tokenizer.encode(text))]).toEqual(ids);
  });

  test('is deterministic for any order of texts and any iterable', async () => {
    const once = await TextTokenizer.train(tied, { vocabularySize: 1000 });
    const again = await TextTokenizer.train(new Set(tied.toReversed()), { vocabularySize: 1000 });
    expect(again.toJSON()).toBe(once.toJSON());
  });

  test('a smaller vocabulary is a prefix of a larger one', async () => {
    const large = await TextTokenizer.train(tied, { vocabularySize: 900 });
    const small = await TextTokenizer.train(tied, { vocabularySize: 500 });
    expect([small.vocabularySize, large.vocabularySize]).toEqual([500, 900]);
    expect(mergesOf(small)).toEqual(mergesOf(large).slice(0, mergesOf(small).length));
    const ids = JSON.parse(large.toJSON()).model.vocab;
    expect(ids).toMatchObject(JSON.parse(small.toJSON()).model.vocab);
  });

  test('has 4096 entries by default', async () => {
    const words = Array.from({ length: 6000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 0).toString(36).repeat(2));
    expect((await TextTokenizer.train([words.join(' ')])).vocabularySize).toBe(4096);
  });

  test('names the file that it cannot write', async () => {
    const before = process.env['TMPDIR'];
    const own = mkdtempSync(path.join(tmpdir(), 'sifaka-test-'));
    process.env['TMPDIR'] = path.join(own, 'nowhere');
    try {
      await expect(TextTokenizer.train(['a film'])).rejects.toThrow(path.join(own, 'nowhere'));
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmdirSync(own);
    }
  });

  test('stops if there is nothing left to merge', async () => {
    // ' ab' twice: (space, a) or (a, b) first, then the rest of the word: two merges.
    expect((await TextTokenizer.train(['ab ab'])).vocabularySize).toBe(262);
  });

  test('the smallest vocabulary has special tokens and bytes only', async () => {
    const bytes = await TextTokenizer.train(['film'], { vocabularySize: 260 });
    expect(mergesOf(bytes)).toEqual([]);
    expect(await bytes.encode('film')).toHaveLength(5); // one space, four letters
  });

  test('leaves no file behind', async () => {
    // Other test files use the system's folder at the same time.
    const own = mkdtempSync(path.join(tmpdir(), 'sifaka-test-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = own;
    try {
      await TextTokenizer.train(['a film']);
      await expect(TextTokenizer.train([])).rejects.toThrow();
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    expect(readdirSync(own)).toEqual([]);
    rmdirSync(own);
  });

  test('cuts long words, so that one unbroken run does not take minutes', async () => {
    const around = 'q'.repeat(1000);
    const texts = (run: string) => [...golden.texts, `a ${run} b`, `${run} c`];
    const began = performance.now();
    const long = await TextTokenizer.train(texts('q'.repeat(400_000)));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(long.toJSON()).toBe((await TextTokenizer.train(texts(around))).toJSON());
    // What follows a cut word is read.
    const short = await TextTokenizer.train([`${'q'.repeat(50)} lemur lemur`], { maxWordLength: 10 });
    expect(short.toJSON()).toBe((await TextTokenizer.train([`${'q'.repeat(10)} lemur lemur`])).toJSON());
  });

  test.each([
    ['letters that normalisation makes of symbols', 'aⓐ'],
    ['letters composed with marks', 'a\u0301'],
    ['marks in an order that must be sorted', '\u0301\u0316'],
    ['spaces', ' \u2003'],
    ['dashes', '-'],
    ['digits and their circled forms', '1②'],
    ['pairs of surrogates', '𝐚𝔟'],
  ])('cuts runs of %s', async (_, unit) => {
    const began = performance.now();
    const long = await TextTokenizer.train(['a lemur', `x ${unit.repeat(300_000)}`], { vocabularySize: 300 });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(long.vocabularySize).toBeGreaterThan(260);
  });

  test('does not cut ordinary long texts', async () => {
    const text = `${golden.texts.join(' ')} ${'長い文。'.repeat(2000)} ${'a1-'.repeat(2000)}`;
    const [whole, cut] = await Promise.all(
      [1e9, 1000].map((maxWordLength) => TextTokenizer.train([text], { maxWordLength })),
    );
    expect(cut!.toJSON()).toBe(whole!.toJSON());
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses a maxWordLength of %s', async (maxWordLength) => {
    await expect(TextTokenizer.train(['a'], { maxWordLength })).rejects.toThrow(
      `TextTokenizer.train: expected a maxWordLength of at least 1, got ${maxWordLength}`,
    );
  });

  test.each([259, 30_001, 300.5, Number.NaN])('refuses a vocabulary of %s entries', async (vocabularySize) => {
    const error = await TextTokenizer.train(['a'], { vocabularySize }).catch((error: unknown) => error);
    expect(TokenizerError.isInstance(error) && error.reason).toBe('vocabularySize');
    expect(String(error)).toContain(
      `expected a vocabularySize from 260 (4 special tokens and 256 bytes) to 30000, got ${vocabularySize}`,
    );
  });

  test.each([
    ['no text', [], 'got 0 empty texts'],
    ['only empty texts', ['', ' \n'], 'got 2 empty texts'],
    ['one string', 'a film', 'got one string'],
    ['an undefined text', ['a', undefined as unknown as string], 'got undefined at 1'],
  ])('refuses %s', async (_, texts, message) => {
    const error = await TextTokenizer.train(texts).catch((error: unknown) => error);
    expect(TokenizerError.isInstance(error) && error.reason).toBe('texts');
    expect(String(error)).toContain(message);
  });
});

describe('TextTokenizer.encode', () => {
  test.each([
    ['known words', 'the sifaka leaps'],
    ['unseen words', 'quixotic jukebox, 1984!'],
    ['unseen scripts', 'мир עולם ธรรม עִבְרִית'],
    ['emoji of several code points', '👩🏽‍🚀 🏳️‍🌈 🦧'],
    ['control characters', 'a\u0000b\u0007c'],
  ])('%s round-trip', async (_, text) => {
    const ids = await tokenizer.encode(text);
    expect(ids.every((id) => id > tokenizer.separator && id < tokenizer.vocabularySize)).toBe(true);
    expect(await tokenizer.decode(ids)).toBe(text);
  });

  test('normalises compatibility forms, letter case and white space', async () => {
    expect(await tokenizer.decode(await tokenizer.encode('  Ｆｉｌｍ №\u00a07:\r\n\tﬁn  '))).toBe('film no 7: fin');
    expect(await tokenizer.encode('Tree\nfrogs')).toEqual(await tokenizer.encode(' tree  frogs '));
  });

  test('keeps letter case without lowercase', async () => {
    const cased = await TextTokenizer.train(golden.texts, { lowercase: false });
    expect(await cased.decode(await cased.encode('The SAND'))).toBe('The SAND');
    expect(await cased.encode('The')).not.toEqual(await cased.encode('the'));
  });

  test('an empty text has no tokens', async () => {
    expect(await tokenizer.encode('')).toEqual(new Int32Array(0));
    expect(await tokenizer.encode(' \n')).toEqual(new Int32Array(0));
    expect(await tokenizer.decode([])).toBe('');
  });

  test('half a surrogate pair becomes U+FFFD', async () => {
    expect(await tokenizer.decode(await tokenizer.encode('a\ud83e b'))).toBe('a\ufffd b');
  });

  test('the name of a special token is ordinary text', async () => {
    const ids = await tokenizer.encode('[PAD] [UNK] [CLS] [SEP]');
    expect(Math.min(...ids)).toBeGreaterThan(tokenizer.separator);
    expect(await tokenizer.decode(ids)).toBe('[pad] [unk] [cls] [sep]');
  });
});

describe('TextTokenizer.encodeBatch', () => {
  test('a row is the start of the text, padded', async () => {
    const texts = ['the sand', '', 'a very long text '.repeat(2_000), 'sifaka'];
    const { ids, lengths } = await tokenizer.encodeBatch(texts, { maxLength: 7 });
    expect(ids).toHaveLength(4 * 7);
    for (const [i, text] of texts.entries()) {
      const all = await tokenizer.encode(text);
      expect(lengths[i]).toBe(Math.min(7, all.length));
      const row = [...all.slice(0, 7), ...Array<number>(7 - lengths[i]!).fill(tokenizer.padding)];
      expect([...ids.slice(i * 7, (i + 1) * 7)]).toEqual(row);
    }
    expect(await tokenizer.decode(ids.slice(0, 7))).toBe('the sand');
  });

  test('keeps rows across internal batches', async () => {
    const texts = Array.from({ length: 1100 }, (_, i) => `${i}`);
    const { ids, lengths } = await tokenizer.encodeBatch(texts, { maxLength: 6 });
    for (const i of [0, 511, 512, 1023, 1024, 1099]) {
      expect([...ids.slice(i * 6, i * 6 + lengths[i]!)]).toEqual([...(await tokenizer.encode(`${i}`))]);
    }
  });

  test('a text that is read in part only has the tokens of the whole', async () => {
    const texts = [
      `a${' \n'.repeat(50_000)}long text of ${'many words '.repeat(5000)}`,
      'e\u0301\u0323'.repeat(300).concat(' '.repeat(9)).repeat(40),
      '각 '.normalize('NFD').repeat(8000),
      'x'.repeat(999).concat(' ').repeat(50),
      '🦧'.repeat(10_000),
    ];
    const whole = await Promise.all(texts.map((text) => tokenizer.encode(text)));
    for (const maxLength of [1, 2, 40, 300]) {
      const { ids, lengths } = await tokenizer.encodeBatch(texts, { maxLength });
      for (const [i, all] of whole.entries()) {
        expect(lengths[i]).toBe(maxLength);
        expect([...ids.slice(i * maxLength, (i + 1) * maxLength)]).toEqual([...all.slice(0, maxLength)]);
      }
    }
  });

  test('reads far enough for long tokens', async () => {
    const long = await TextTokenizer.train(Array<string>(20).fill('lemurslemurslemurs'), { vocabularySize: 400 });
    expect(await long.encode('lemurslemurslemurs')).toHaveLength(1);
    const { lengths } = await long.encodeBatch(['lemurslemurslemurs '.repeat(3000)], { maxLength: 2000 });
    expect([...lengths]).toEqual([2000]);
  });

  test('names the index of a text that is not a string', async () => {
    const texts = ['a', null as unknown as string];
    await expect(tokenizer.encodeBatch(texts, { maxLength: 4 })).rejects.toThrow(
      'TextTokenizer.encodeBatch: expected a string, got null at 1',
    );
    await expect(tokenizer.encode(7 as unknown as string)).rejects.toThrow(
      'TextTokenizer.encode: expected a string, got number',
    );
  });

  test('stops when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(tokenizer.encodeBatch(['a'], { maxLength: 4, signal })).rejects.toThrow('enough');
  });

  test('no texts give no rows', async () => {
    expect(await tokenizer.encodeBatch([], { maxLength: 4 })).toEqual({
      ids: new Int32Array(0),
      lengths: new Int32Array(0),
    });
  });

  test.each([0, -1, 2.5])('refuses a maxLength of %s', async (maxLength) => {
    const error = await tokenizer.encodeBatch(['a'], { maxLength }).catch((error: unknown) => error);
    expect(TokenizerError.isInstance(error) && error.reason).toBe('length');
  });
});

test('TextTokenizer.decode skips special tokens and refuses ids outside the vocabulary', async () => {
  const [first] = await tokenizer.encode('sifaka');
  expect(await tokenizer.decode([2, first!, 1, 3, 0, 0])).toBe(await tokenizer.decode([first!]));
  for (const id of [-1, 300, 1.5]) {
    await expect(tokenizer.decode([first!, id])).rejects.toThrow(
      `TextTokenizer.decode: expected ids from 0 to 299, got ${id}`,
    );
  }
});

describe('TextTokenizer.fromJSON', () => {
  test('restores the saved tokenizer', async () => {
    for (const lowercase of [true, false]) {
      const saved = await TextTokenizer.train(golden.texts, { vocabularySize: 290, lowercase });
      const loaded = TextTokenizer.fromJSON(saved.toJSON());
      expect(loaded.toJSON()).toBe(saved.toJSON());
      expect(loaded.vocabularySize).toBe(saved.vocabularySize);
      expect(await loaded.encode('The 東京 Sifaka')).toEqual(await saved.encode('The 東京 Sifaka'));
    }
  });

  test('has an option for its length', () => {
    const json = tokenizer.toJSON();
    expect(TextTokenizer.fromJSON(json, { maxCharacters: json.length }).toJSON()).toBe(json);
    expect(() => TextTokenizer.fromJSON(json, { maxCharacters: json.length - 1 })).toThrow(TokenizerError);
    expect(() => TextTokenizer.fromJSON(json, { maxCharacters: Number.NaN })).toThrow(TokenizerError);
  });

  test('accepts other white space in the JSON', () => {
    const indented = JSON.stringify(JSON.parse(tokenizer.toJSON()), null, 2);
    expect(TextTokenizer.fromJSON(indented).toJSON()).toBe(tokenizer.toJSON());
  });

  test('allows tokens that are named like inherited properties', async () => {
    const odd = await TextTokenizer.train(Array<string>(9).fill('__proto__ constructor'), { vocabularySize: 400 });
    expect(await TextTokenizer.fromJSON(odd.toJSON()).encode('__proto__')).toEqual(await odd.encode('__proto__'));
  });

  const changed = (
    change: (saved: { model: { vocab: Record<string, number>; merges: unknown[] } }) => void,
  ): string => {
    const saved = JSON.parse(tokenizer.toJSON());
    change(saved);
    return JSON.stringify(saved);
  };
  test.each([
    ['deep brackets', () => '['.repeat(10_000_000), 'JSON of another kind'],
    ['a text that is too long', () => ' '.repeat((1 << 24) + 1), '16777217 characters, more than 16777216'],
    ['no text', () => undefined as unknown as string, 'a value of type undefined'],
    ['half a file', () => tokenizer.toJSON().slice(0, 1000), 'text that is not JSON'],
    ['null', () => 'null', 'JSON of another kind'],
    ['another object', () => '{"model":{"type":"WordPiece"}}', 'JSON of another kind'],
    ['merges of numbers', () => changed((saved) => (saved.model.merges[0] = [1, 2])), 'JSON of another kind'],
    ['a token with another id', () => changed((saved) => (saved.model.vocab['a'] = 7)), 'a modified tokenizer'],
    ['a missing merge', () => changed((saved) => saved.model.merges.pop()), 'a modified tokenizer'],
    [
      'a merge of unknown parts',
      () =>
        changed((saved) => {
          saved.model.merges.push(['qq', 'q']);
          saved.model.vocab['qqq'] = 300;
        }),
      'merges that do not fit together',
    ],
  ])('refuses %s', (_, json, message) => {
    let thrown: unknown;
    try {
      TextTokenizer.fromJSON(json());
    } catch (error) {
      thrown = error;
    }
    expect(TokenizerError.isInstance(thrown) && thrown.reason).toBe('format');
    expect(String(thrown)).toContain(message);
  });
});
