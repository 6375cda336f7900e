import type { EncodeBatchOptions, EncodedBatch } from './tokenizer.js';
import { TokenizerError } from './tokenizer-error.js';

// An encoding also holds offsets, words and masks, so the encodings of a whole catalogue would take a lot of memory.
const TEXTS_AT_ONCE = 512;
const CHARACTERS_AT_ONCE = 1 << 20;

export interface EncodeInGroupsOptions extends EncodeBatchOptions {
  /** For messages: the class and method that were called. */
  readonly where: string;
  readonly padding: number;
  /** The part of a text that must be read. */
  readonly readable: (text: string) => string;
  /** @returns the ids of each text, of which the first `maxLength` are kept. */
  readonly encode: (texts: readonly string[]) => Promise<readonly (readonly number[])[]>;
}

/**
 * Encodes texts as rows of one length, some at a time, so that memory is bounded.
 *
 * @throws {@link TokenizerError} if `maxLength` is not a positive whole number or a text is not a string; the reason of
 *   `signal` if it is aborted.
 */
export async function encodeInGroups(
  texts: readonly string[],
  { where, maxLength, signal, padding, readable, encode }: EncodeInGroupsOptions,
): Promise<EncodedBatch> {
  if (!Number.isInteger(maxLength) || maxLength < 1) {
    throw new TokenizerError('length', `${where}: expected a maxLength of at least 1, got ${maxLength}`);
  }
  const ids = new Int32Array(texts.length * maxLength).fill(padding);
  const lengths = new Int32Array(texts.length);
  let start = 0;
  while (start < texts.length) {
    signal?.throwIfAborted();
    const some: string[] = [];
    for (let characters = 0; some.length < TEXTS_AT_ONCE && characters < CHARACTERS_AT_ONCE; ) {
      const text = texts[start + some.length];
      if (start + some.length === texts.length) break;
      assertText(where, text, ` at ${start + some.length}`);
      const read = readable(text);
      some.push(read);
      characters += read.length;
    }
    const encoded = await encode(some);
    encoded.forEach((all, i) => {
      const kept = all.length > maxLength ? all.slice(0, maxLength) : all;
      ids.set(kept, (start + i) * maxLength);
      lengths[start + i] = kept.length;
    });
    start += some.length;
  }
  return { ids, lengths };
}

/** @throws {@link TokenizerError} if the text is not a string. */
export function assertText(where: string, text: unknown, at = ''): asserts text is string {
  if (typeof text === 'string') return;
  const got = text === null ? 'null' : typeof text;
  throw new TokenizerError('texts', `${where}: expected a string, got ${got}${at}`);
}
