import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '@sifaka/encoders/node';
import {
  assertImportable,
  exportParameters,
  readSafetensors,
  type SafetensorsEntry,
  writeSafetensors,
} from '@sifaka/nn';
import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import { CheckpointError } from './checkpoint-error.js';
import { sha256 } from './digest.js';
import { readCheckpointFile } from './read-checkpoint-file.js';

/** Digests by model, with the data of the weights that they are of. TensorFlow.js gives new values new data. */
const digests = new WeakMap<MultimodalRanker, { readonly data: readonly object[]; readonly digest: string }>();

/** SHA-256 of the weights that a model does not train. Undefined: it trains all. */
export function baseDigest(model: MultimodalRanker): string | undefined {
  if (model.frozenParameters.size === 0) return undefined;
  const data = [...model.frozenParameters.values()].map(({ dataId }) => dataId);
  const known = digests.get(model);
  if (known?.data.every((each, i) => each === data[i])) return known.digest;
  const digest = sha256(baseFile(model));
  digests.set(model, { data, digest });
  return digest;
}

/**
 * Keeps the weights that a model does not train once in the folder of its checkpoints, which name them by their digest.
 *
 * @throws {@link CheckpointError} if the file cannot be written.
 */
export async function keepBase(model: MultimodalRanker, folder: string): Promise<void> {
  const digest = baseDigest(model);
  if (digest === undefined) return;
  const file = path.join(folder, nameOf(digest));
  if (existsSync(file)) return;
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(file, baseFile(model));
  } catch (error) {
    throw new CheckpointError(file, `expected to write it, but ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Reads the weights that a checkpoint's run did not train.
 *
 * @param checkpoint its folder, in the folder of the run's checkpoints or of an online checkpoint in it
 * @param digest that the checkpoint names
 * @returns undefined if the model has these weights already.
 * @throws {@link CheckpointError} if they are missing, damaged or not those of this model, or if the model trains what
 *   the run did not.
 */
export async function readBase(
  model: MultimodalRanker,
  checkpoint: string,
  digest: string | undefined,
): Promise<ReadonlyMap<string, SafetensorsEntry> | undefined> {
  const own = baseDigest(model);
  if (own === digest) return undefined;
  if (own === undefined || digest === undefined) {
    const [there, here] = [digest, own].map((each) => (each === undefined ? 'all' : 'a part'));
    throw new CheckpointError(
      checkpoint,
      `expected a model that trains ${there} of its weights, got one that trains ${here}`,
    );
  }
  const run = path.dirname(checkpoint);
  const file = [run, path.dirname(run)].map((folder) => path.join(folder, nameOf(digest))).find(existsSync);
  if (file === undefined) {
    throw new CheckpointError(
      checkpoint,
      `expected ${nameOf(digest)} beside it, with the weights that the run did not train, found none, and the model ` +
        `has others (SHA-256 ${own})`,
    );
  }
  const bytes = await readCheckpointFile(file);
  if (sha256(bytes) !== digest) throw new CheckpointError(file, 'its checksum differs: the file is damaged');
  try {
    const { tensors } = readSafetensors(bytes);
    assertImportable(model.frozenParameters, tensors);
    return tensors;
  } catch (error) {
    throw new CheckpointError(file, (error as Error).message, { cause: error });
  }
}

function baseFile(model: MultimodalRanker): Uint8Array {
  return writeSafetensors(exportParameters(model.frozenParameters));
}

function nameOf(digest: string): string {
  return `base-${digest.slice(0, 16)}.safetensors`;
}
