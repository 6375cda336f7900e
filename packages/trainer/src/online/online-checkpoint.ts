import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type SafetensorsEntry, writeSafetensors } from '@sifaka/nn';
import type { Catalogue } from '../catalogue/catalogue.js';
import { saveCheckpoint } from '../run/checkpoint.js';
import { listFolders, publishFolder } from '../run/checkpoint-folders.js';
import { START } from '../run/run-state.js';
import type { OnlineState } from './online-options.js';
import type { OnlineTrainer } from './online-trainer.js';

const FOLDER = /^online-\d{10}$/;
/** The model's own checkpoint names its data by this: a stream has no other name. */
export const FINGERPRINT = 'online';

/** `online.json`. */
export interface OnlineFile {
  readonly state: OnlineState;
  /** Rows of the id tables, of which some may wait for their ids. */
  readonly tables: { readonly users: number; readonly items: number };
  readonly tokenizer: string;
  readonly catalogue: Omit<Catalogue, 'images' | 'documents' | 'titles' | 'queries'>;
  readonly checksums: { readonly catalogue: string };
}

/**
 * Saves what goes on online: the model as {@link saveCheckpoint} does, and beside it the catalogue (content came by the stream and is nowhere else),
 * the tokenizer, the stream and the counts. Written beside and renamed into place; this one and the one before it are kept.
 *
 * @returns the checkpoint's folder, in `folder`.
 */
export async function saveOnline(trainer: OnlineTrainer, state: OnlineState, folder: string): Promise<string> {
  const { training, model, catalogue, tokenizer } = trainer;
  const name = `online-${String(trainer.counts.arrivals).padStart(10, '0')}`;
  const partial = path.join(folder, `.${name}.partial`);
  const contents = writeSafetensors(catalogueTensors(catalogue));
  const { size, vocabularySize, classification, separator } = catalogue;
  const file: OnlineFile = {
    state,
    tables: { users: model.tables.users.size, items: model.tables.items.size },
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

/** Folders of the online checkpoints in a folder, newest first. */
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

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
