import { type Ragged, ragged } from './ragged.js';

const LETTERS_AND_DIGITS = /[\p{L}\p{M}\p{N}]+/gu;

export interface WordBagsOptions {
  /**
   * What a word is, in lower case and NFC; with the flag g. Default: a run of letters with their accents, and digits.
   */
  readonly word?: RegExp;
}

/**
 * The distinct words of each text, in lower case, as ascending word ids. Words are numbered in the order in which they
 * first occur.
 *
 * @param texts one for each item; an empty one has no words
 * @throws TypeError if `word` lacks the flag g.
 */
export function wordBags(texts: readonly string[], { word = LETTERS_AND_DIGITS }: WordBagsOptions = {}): Ragged {
  const numbers = new Map<string, number>();
  const bags = texts.map((text) => {
    const bag = new Set<number>();
    for (const [found] of text.normalize('NFC').toLowerCase().matchAll(word)) {
      const number = numbers.get(found) ?? numbers.size;
      numbers.set(found, number);
      bag.add(number);
    }
    return Int32Array.from(bag).sort();
  });
  return ragged(bags);
}
