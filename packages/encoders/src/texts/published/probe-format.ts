import type { Encoding, Tokenizer as LibraryTokenizer } from 'tokenizers';
import { joinFields, type TokenFormat } from '../token-format.js';

/**
 * Reads which special tokens and types the post-processor of a tokenizer adds to one text and, with `pairs`, to a pair
 * of texts. Without `pairs`, fields are joined like words and all have one type.
 *
 * @returns undefined if a {@link TokenFormat} cannot say what it adds.
 */
export async function probeFormat(
  library: LibraryTokenizer,
  padding: number,
  pairs: boolean,
): Promise<TokenFormat | undefined> {
  const field = (await library.encode('a', null, { addSpecialTokens: false })).getIds();
  const single = await library.encode('a');
  const isSpecial = single.getSpecialTokensMask();
  const ids = single.getIds();
  const startLength = isSpecial.indexOf(0);
  const start = ids.slice(0, startLength);
  const end = ids.slice(startLength + field.length);
  const first = single.getTypeIds()[startLength] ?? 0;
  const alone: TokenFormat = { start, between: [], end, padding, types: [first, first] };
  if (field.length === 0 || !agrees(single, alone, [field])) return undefined;
  if (!pairs) return { ...alone, between: await spaceBetween(library, field) };
  const pair = await library.encode('a', 'a');
  const [from, to] = [startLength + field.length, pair.getLength() - end.length - field.length];
  const between = pair.getIds().slice(from, to);
  const format: TokenFormat = { ...alone, between, types: [first, pair.getTypeIds()[to] ?? first] };
  return agrees(pair, format, [field, field]) ? format : undefined;
}

/** Most tokenizers mark the ends of words, so that words need no space between them. */
async function spaceBetween(library: LibraryTokenizer, field: readonly number[]): Promise<readonly number[]> {
  const words = await library.encode('a a', null, { addSpecialTokens: false });
  if (words.getIds().join() === [...field, ...field].join()) return [];
  return (await library.encode(' ', null, { addSpecialTokens: false })).getIds();
}

function agrees(encoding: Encoding, format: TokenFormat, fields: readonly (readonly number[])[]): boolean {
  const joined = joinFields([fields], format, Math.max(encoding.getLength(), 1));
  return joined.ids.join() === encoding.getIds().join() && joined.types.join() === encoding.getTypeIds().join();
}
