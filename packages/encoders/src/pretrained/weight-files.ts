import { quotedFile } from '../quoted-file.js';
import { PretrainedError } from './pretrained-error.js';

export const WEIGHTS = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
export const CARD = 'README.md';
export const LICENCES: readonly string[] = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'LICENCE'];

/** Files beside the weights that are read if they exist. */
export const OPTIONAL: readonly string[] = [
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  CARD,
];

/** Weights in formats that are not read. */
const FOREIGN = /^(pytorch_model.*\.bin|tf_model.*\.h5|flax_model.*\.msgpack|model.*\.(ckpt|pt|pth|onnx)|.*\.gguf)$/;

/**
 * Which of a checkpoint's files hold the weights: one file, or the index of several.
 *
 * @throws {@link PretrainedError} if there is neither, with what helps if there are weights in another format.
 */
export function weightsFile(source: string, files: Iterable<string>): typeof WEIGHTS | typeof INDEX {
  const names = new Set(files);
  if (names.has(WEIGHTS)) return WEIGHTS;
  if (names.has(INDEX)) return INDEX;
  const foreign = [...names].filter((name) => FOREIGN.test(name)).sort();
  const wanted = `expected ${WEIGHTS} or ${INDEX}`;
  if (foreign.length === 0) throw new PretrainedError('missing', { source }, `${wanted}, got neither`);
  throw new PretrainedError(
    'format',
    { source, file: quotedFile(foreign[0]!) },
    `${wanted}, got only ${foreign.slice(0, 3).map(quotedFile).join(', ')}. Formats that can run code when they are ` +
      'read are refused. Convert it once in Python: AutoModel.from_pretrained(…).save_pretrained(folder, ' +
      'safe_serialization=True), then open that folder. On the hub, a pull request may hold the converted file: try ' +
      "revision 'refs/pr/1'",
  );
}

/**
 * Reads an index of shards.
 *
 * @returns the shard of each tensor. Shards are plain file names, which cannot leave the folder.
 * @throws {@link PretrainedError} if it is not such an index.
 */
export function parseIndex(source: string, text: string): ReadonlyMap<string, string> {
  const fail = (problem: string): PretrainedError => new PretrainedError('format', { source, file: INDEX }, problem);
  const map = parseObject(source, INDEX, text)['weight_map'];
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw fail('expected a weight_map of file names by tensor, got none');
  }
  const entries = Object.entries(map);
  if (entries.length === 0) throw fail('expected a weight_map with tensors, got an empty one');
  for (const [tensor, shard] of entries) {
    if (typeof shard !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(shard)) {
      const got = quotedFile(JSON.stringify(shard)).slice(0, 120);
      throw fail(`${quotedFile(tensor)}: expected the name of a .safetensors file in the same folder, got ${got}`);
    }
  }
  return new Map(entries);
}

/** @throws {@link PretrainedError} unless the text is a JSON object. */
export function parseObject(source: string, file: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PretrainedError('format', { source, file }, 'expected JSON, got text that is cut short or is none', {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PretrainedError('format', { source, file }, 'expected a JSON object, got another value');
  }
  return value as Record<string, unknown>;
}
