import { PublishedTokenizer } from './published/published-tokenizer.js';
import { TextTokenizer } from './text-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * Restores a tokenizer of either kind from its `toJSON`.
 *
 * @throws {@link TokenizerError} if the JSON is the output of neither; {@link MissingPackageError} if `tokenizers` is
 *   not installed.
 */
export async function readTokenizer(json: string): Promise<Tokenizer> {
  if (PublishedTokenizer.wrote(json)) return PublishedTokenizer.fromJSON(json);
  return TextTokenizer.fromJSON(json);
}
