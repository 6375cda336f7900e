import { type Ragged, ragged } from './ragged.js';

const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The distinct words of each text, as ascending word ids. A word is a run of letters (with their accents) and digits,
 * in lower case and NFC. Words are numbered in the order in which they first occur.
 *
 * @param texts one for each item; an empty one has no words
 */
export function wordBags(texts: readonly string[]): Ragged {
  const numbers = new Map<string, number>();
  const bags = texts.map((text) => {
    const bag = new Set<number>();
    for (const [word] of text.normalize('NFC').toLowerCase().matchAll(WORD)) {
      const number = numbers.get(word) ?? numbers.size;
      numbers.set(word, number);
      bag.add(number);
    }
    return Int32Array.from(bag).sort();
  });
  return ragged(bags);
}
