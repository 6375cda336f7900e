import { existsSync } from 'node:fs';
import path from 'node:path';
import type { HistoryAsOf } from '@sifaka/data';
import type { EncoderSources } from '../model/published-encoders.js';
import type { CatalogueDigest } from './catalogue-digest.js';
import { CheckpointError } from './checkpoint-error.js';
import type { OptimizerUpdates } from './checkpoint-tensors.js';
import { sha256 } from './digest.js';
import { readCheckpointFile } from './read-checkpoint-file.js';
import type { BestState, RunState } from './run-state.js';

/**
 * Schema 1 had other option names and weight paths. Schema 2 kept no moments of the best step and nothing about the
 * catalogue. Schema 3 chose the best step by AUC alone; its documents had no separator and their tokens no types, and
 * there were neither ids nor a tokenizer.
 */
export const SCHEMA = 4;
/** Content of `state.json`. */
export interface StateFile {
  readonly schema: number;
  readonly options: unknown;
  readonly fingerprint: string;
  /** Where the histories of the samples ended. Absent: not known. */
  readonly historyAsOf?: HistoryAsOf;
  readonly catalogue: CatalogueDigest;
  /** SHA-256 of the weights that the run did not train; see `keepBase`. Absent: it trained all. */
  readonly base?: string;
  /** The published encoders that the model was made with. Absent: none. */
  readonly encoders?: EncoderSources;
  readonly columns: ColumnSizes;
  /** Written by earlier versions. */
  readonly optimizerUpdates?: OptimizerUpdates;
  readonly run: Omit<RunState, 'best'>;
  readonly best:
    | (Pick<BestState, 'step' | 'metric' | 'value'> & { readonly optimizerUpdates?: OptimizerUpdates })
    | null;
  /** SHA-256 of every other file. */
  readonly checksums: Readonly<Record<string, string>>;
  /** SHA-256 of the fields above, as JSON without white space. */
  readonly checksum: string;
}

/** Sizes of a catalogue's columns, as `buildCatalogue` takes them. */
export interface ColumnSizes {
  readonly imageHeight: number;
  readonly imageWidth: number;
  readonly documentLength: number;
  readonly titleLength: number;
  /** Absent from a catalogue without queries. */
  readonly queryLength?: number;
}

/** Reads `state.json`. @throws {@link CheckpointError} if it is missing, damaged or of another schema. */
export async function readState(checkpoint: string): Promise<StateFile> {
  const file = path.join(checkpoint, 'state.json');
  if (!existsSync(file)) throw new CheckpointError(checkpoint, 'expected state.json, found none');
  const bytes = await readCheckpointFile(file);
  let state: StateFile;
  try {
    state = JSON.parse(bytes.toString('utf8')) as StateFile;
  } catch {
    throw new CheckpointError(file, 'expected JSON, got something else: the file is damaged');
  }
  if (state?.schema !== SCHEMA) throw new CheckpointError(file, `expected schema ${SCHEMA}, got ${state?.schema}`);
  const { checksum, ...rest } = state;
  if (sha256(JSON.stringify(rest)) !== checksum)
    throw new CheckpointError(file, 'its checksum differs from its contents: the file is damaged');
  return state;
}

/**
 * Reads a file that `state.json` lists.
 *
 * @throws {@link CheckpointError} if it is not listed, missing or damaged.
 */
export async function readListed(checkpoint: string, state: StateFile, name: string): Promise<Buffer> {
  const file = path.join(checkpoint, name);
  const checksum = state.checksums[name];
  if (checksum === undefined) throw new CheckpointError(file, 'expected it to be listed in state.json');
  const bytes = await readCheckpointFile(file);
  if (sha256(bytes) === checksum) return bytes;
  throw new CheckpointError(file, 'its checksum differs from state.json: the file is damaged');
}
