import type { PretrainedFiles } from './pretrained-files.js';

/**
 * The id of padding. It comes from the tokenizer, because SigLIP 2's `config.json` names another one.
 *
 * @param given goes first
 * @throws Error if no file names it, RangeError if it is not in the vocabulary.
 */
export function readPaddingId(
  where: string,
  files: PretrainedFiles,
  given: number | undefined,
  vocabularySize: number,
): number {
  const id = given ?? idOfToken(files);
  if (id === undefined) {
    throw new Error(
      `${where}: expected the id of padding, which this encoder reads, in tokenizer_config.json or tokenizer.json, ` +
        'got none; name it by the option paddingId',
    );
  }
  if (Number.isSafeInteger(id) && id >= 0 && id < vocabularySize) return id;
  throw new RangeError(`${where}: expected paddingId in 0 … ${vocabularySize - 1}, got ${String(id)}`);
}

function idOfToken({ tokenizerConfig = {}, tokenizer }: PretrainedFiles): number | undefined {
  const named = tokenizerConfig['pad_token'];
  const token = isRecord(named) ? named['content'] : named;
  const parsed: unknown = tokenizer === undefined ? undefined : parseJson(tokenizer);
  const json = isRecord(parsed) ? parsed : {};
  if (typeof token === 'string') {
    const added = tokenizerConfig['added_tokens_decoder'];
    for (const [id, entry] of Object.entries(isRecord(added) ? added : {})) {
      if (isRecord(entry) && entry['content'] === token) return Number(id);
    }
    const list = Array.isArray(json['added_tokens']) ? json['added_tokens'] : [];
    const entry = list.find((entry: unknown) => isRecord(entry) && entry['content'] === token);
    if (entry !== undefined) return entry['id'];
  }
  const padding = json['padding'];
  return isRecord(padding) && typeof padding['pad_id'] === 'number' ? padding['pad_id'] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The code that reads the tokenizer reports it.
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
