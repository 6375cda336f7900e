import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TextTokenizer } from '@sifaka/encoders/node';
import { type SafetensorsEntry, writeSafetensors } from '@sifaka/nn';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { TrainingStep } from '../model/training-step.js';
import { saveCheckpoint } from '../run/checkpoint.js';
import { listFolders, publishFolder } from '../run/checkpoint-folders.js';
import { sha256 } from '../run/digest.js';
import { START } from '../run/run-state.js';
import type { OnlineState } from './online-options.js';

const FOLDER = /^online-\d{10}$/;
/** Fingerprint of the model's checkpoint. A stream has no digest. */
export const FINGERPRINT = 'online';

/** Content of `online.json`. */
export interface OnlineFile {
  readonly state: OnlineState;
  /** Sizes of the id tables. They may have room for more ids than there are. */
  readonly tables: { readonly users: number; readonly items: number };
  readonly tokenizer: string;
  readonly catalogue: Omit<Catalogue, 'images' | 'documents' | 'titles' | 'queries'>;
  readonly checksums: { readonly catalogue: string };
}

/** The parts of an online trainer that a checkpoint holds besides its state. */
export interface OnlineParts {
  readonly training: TrainingStep;
  readonly catalogue: Catalogue;
  readonly tokenizer: TextTokenizer;
}

/**
 * Saves an online trainer: the model and its optimizers as {@link saveCheckpoint} does, the state, the tokenizer, and
 * the catalogue, because content that came with the stream is stored nowhere else. The folder is written under a
 * temporary name and renamed. This checkpoint and the previous one are kept.
 *
 * @param arrivals number of events and groups of items so far, part of the folder's name
 * @returns the checkpoint's folder
 */
export async function saveOnline(
  { training, catalogue, tokenizer }: OnlineParts,
  { state, arrivals }: { readonly state: OnlineState; readonly arrivals: number },
  folder: string,
): Promise<string> {
  const { tables } = training.model;
  const name = `online-${String(arrivals).padStart(10, '0')}`;
  const partial = path.join(folder, `.${name}.partial`);
  const contents = writeSafetensors(catalogueTensors(catalogue));
  const { size, vocabularySize, classification, separator } = catalogue;
  const file: OnlineFile = {
    state,
    tables: { users: tables.users.size, items: tables.items.size },
    tokenizer: tokenizer.toJSON(),
    catalogue: { size, vocabularySize, classification, separator },
    checksums: { catalogue: sha256(contents) },
  };
  const json = JSON.stringify(file);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const run = { ...START, step: state.step, trainingSeconds: state.trainingSeconds };
  await saveCheckpoint(training, run, { folder: partial, fingerprint: FINGERPRINT });
  await writeFile(path.join(partial, 'catalogue.safetensors'), contents);
  await writeFile(path.join(partial, 'online.json'), json);
  await writeFile(path.join(partial, 'online.json.sha256'), `${sha256(json)}\n`);
  const target = path.join(folder, name);
  await publishFolder(partial, target, FOLDER);
  return target;
}

/** Lists the online checkpoints in a folder, newest first. */
export async function listOnline(folder: string): Promise<string[]> {
  return listFolders(folder, FOLDER);
}

function catalogueTensors({ size, images, documents, titles, queries }: Catalogue): Map<string, SafetensorsEntry> {
  const { pixels, present, height, width } = images;
  const texts = { documents, titles, ...(queries && { queries }) };
  const tensors = new Map<string, SafetensorsEntry>([
    ['pixels', { dtype: 'U8', shape: [size, height, width, 3], data: pixels }],
    ['present', { dtype: 'U8', shape: [size], data: present }],
  ]);
  for (const [name, { ids, lengths, maxLength }] of Object.entries(texts)) {
    tensors.set(`${name}.ids`, { dtype: 'I32', shape: [lengths.length, maxLength], data: ids });
    tensors.set(`${name}.lengths`, { dtype: 'I32', shape: [lengths.length], data: lengths });
  }
  return tensors;
}
