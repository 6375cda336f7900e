import { stat } from 'node:fs/promises';
import type { SafetensorsLimits } from '@sifaka/nn';
import { quotedFile } from '../quoted-file.js';
import { type HubOptions, hubSettings } from './hub/hub-settings.js';
import { hubSnapshot, sourceOf } from './hub/hub-snapshot.js';
import type { PretrainedFiles } from './pretrained-files.js';

/** The options other than limits are for models of the hub. A folder ignores them. */
export interface OpenPretrainedOptions extends HubOptions, SafetensorsLimits {}

export interface OpenedPretrained extends PretrainedFiles {
  /** Folder that holds the files. */
  readonly folder: string;
  /** The hub's commit, which pins the files: the same `revision` gives the same files for good. */
  readonly commit?: string;
}

/**
 * Opens a checkpoint in Hugging Face's layout: `config.json` with `model.safetensors` or its shards, and, where they
 * exist, `tokenizer.json`, `tokenizer_config.json`, `preprocessor_config.json` and the licence.
 *
 * A model of the hub is downloaded once, to the cache that Python's libraries use too: only these files, checked by
 * size and hash. A download that was cut goes on where it ended. Several processes may ask for the same model.
 *
 * The headers of all weight files are read and checked. Weights are read later, one tensor at a time, by
 * `weights.read`.
 *
 * @param nameOrFolder a folder that exists, or a name of the hub such as `google/siglip-base-patch16-224`. A text that
 *   starts with `.` or `/` is always a folder.
 * @throws PretrainedError naming the model and the file, with the HTTP status and what helps; MissingPackageError if
 *   the hub is needed and `@huggingface/hub` is not installed; RangeError for an option out of range; TypeError for a
 *   name that is no text; the reason of `signal` if it is aborted.
 */
export async function openPretrained(
  nameOrFolder: string,
  options: OpenPretrainedOptions = {},
): Promise<OpenedPretrained> {
  if (typeof nameOrFolder !== 'string' || nameOrFolder === '') {
    throw new TypeError(
      `openPretrained: expected the name of a model or a folder, got ${JSON.stringify(nameOrFolder)}`,
    );
  }
  const limits = safetensorsLimits(options);
  options.signal?.throwIfAborted();
  if (!isHubName(nameOrFolder) || (await isFolder(nameOrFolder))) {
    const files = await read(quotedFile(nameOrFolder), nameOrFolder, limits);
    return { ...files, folder: nameOrFolder };
  }
  const settings = hubSettings(nameOrFolder, options);
  const { folder, commit } = await hubSnapshot(settings);
  return { ...(await read(sourceOf(settings), folder, limits)), folder, commit };
}

async function read(source: string, folder: string, limits: SafetensorsLimits): Promise<PretrainedFiles> {
  // Imported late: `@sifaka/nn` loads TensorFlow.js, and a program that only decodes images should not wait for it.
  const { readPretrainedFolder } = await import('./read-pretrained-folder.js');
  return readPretrainedFolder(source, folder, limits);
}

/** The name becomes part of an address and of a path in the cache. */
function isHubName(text: string): boolean {
  return text.length <= 200 && /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(text) && !text.includes('..');
}

async function isFolder(name: string): Promise<boolean> {
  return (await stat(name).catch(() => undefined))?.isDirectory() ?? false;
}

function safetensorsLimits({ maxHeaderBytes, maxTensors }: SafetensorsLimits): SafetensorsLimits {
  for (const [name, value] of Object.entries({ maxHeaderBytes, maxTensors })) {
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) continue;
    throw new RangeError(`openPretrained: expected ${name} to be a whole number from 1, got ${value}`);
  }
  return { ...(maxHeaderBytes !== undefined && { maxHeaderBytes }), ...(maxTensors !== undefined && { maxTensors }) };
}
