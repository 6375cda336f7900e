import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SafetensorsLimits } from '@sifaka/nn';
import { cardLicence, licenceTitle } from './licence.js';
import { PretrainedError } from './pretrained-error.js';
import type { PretrainedFiles } from './pretrained-files.js';
import { openShards } from './safetensors-shards.js';
import { CARD, INDEX, LICENCES, parseIndex, parseObject, weightsFile } from './weight-files.js';

/** Largest JSON or text file. Published tokenizers have up to 35 MB. */
const MAX_TEXT_BYTES = 1 << 28;

/**
 * Opens a checkpoint in a folder. The headers of all weight files are read and checked.
 *
 * @param source name for messages.
 * @throws {@link PretrainedError} naming the file that is missing or damaged.
 */
export async function readPretrainedFolder(
  source: string,
  folder: string,
  limits: SafetensorsLimits,
): Promise<PretrainedFiles> {
  const names = new Set(await listFolder(source, folder));
  const text = (file: string): Promise<string | undefined> =>
    names.has(file) ? readText(source, folder, file) : Promise.resolve(undefined);
  const object = async (file: string): Promise<Record<string, unknown> | undefined> => {
    const json = await text(file);
    return json === undefined ? undefined : parseObject(source, file, json);
  };

  const config = await object('config.json');
  if (config === undefined) {
    throw new PretrainedError('missing', { source, file: 'config.json' }, 'there is no such file');
  }
  const weights = weightsFile(source, names);
  const index = weights === INDEX ? parseIndex(source, (await text(INDEX))!) : undefined;
  const shards = index === undefined ? [weights] : [...new Set(index.values())].sort();
  const [preprocessor, tokenizer, tokenizerConfig, licence] = [
    await object('preprocessor_config.json'),
    await text('tokenizer.json'),
    await object('tokenizer_config.json'),
    await licenceOf(text),
  ];
  return {
    name: source,
    config,
    ...(preprocessor && { preprocessor }),
    ...(tokenizer !== undefined && { tokenizer }),
    ...(tokenizerConfig && { tokenizerConfig }),
    ...(licence !== undefined && { licence }),
    weights: await openShards(source, folder, shards, index, limits),
  };
}

async function licenceOf(text: (file: string) => Promise<string | undefined>): Promise<string | undefined> {
  const licence = cardLicence((await text(CARD)) ?? '');
  if (licence !== undefined) return licence;
  for (const file of LICENCES) {
    const title = licenceTitle(file, (await text(file)) ?? '');
    if (title !== undefined) return title;
  }
  return undefined;
}

async function listFolder(source: string, folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new PretrainedError('missing', { source }, 'there is no such folder', { cause });
    const problem = code === 'ENOTDIR' ? 'expected a folder, got a file' : `cannot list the folder: ${message}`;
    throw new PretrainedError('disk', { source }, problem, { cause });
  }
}

async function readText(source: string, folder: string, file: string): Promise<string> {
  const at = path.join(folder, file);
  try {
    const { size } = await stat(at);
    if (size > MAX_TEXT_BYTES) {
      throw new PretrainedError('format', { source, file }, `expected at most ${MAX_TEXT_BYTES} bytes, got ${size}`);
    }
    return new TextDecoder().decode(await readFile(at)); // Without a byte order mark, which JSON.parse refuses.
  } catch (cause) {
    if (PretrainedError.isInstance(cause)) throw cause;
    throw new PretrainedError('disk', { source, file }, `cannot read it: ${(cause as Error).message}`, { cause });
  }
}
