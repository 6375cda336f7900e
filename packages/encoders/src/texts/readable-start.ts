/**
 * The start of a text that can reach its first `maxTokens` tokens. The rest of a long text would only take memory: an
 * encoding takes about a hundred bytes per token.
 *
 * Tokens have at most `longestToken` bytes. Normalisation turns at most four characters into one byte, except for white
 * space, which is therefore reduced first. A word that is cut must begin after the last token that is read, so
 * `longestWord` characters follow.
 */
export function readableStart(text: string, maxTokens: number, longestToken: number, longestWord: number): string {
  const length = 4 * maxTokens * longestToken + longestWord;
  if (text.length <= length) return text;
  return text.replaceAll(/(\p{White_Space})\p{White_Space}+/gu, '$1').slice(0, length);
}
