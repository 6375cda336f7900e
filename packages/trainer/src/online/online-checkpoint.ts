import type { SampleStream, SampleStreamOptions } from '@sifaka/data';
import type { Tokenizer } from '@sifaka/encoders/node';
import { type SafetensorsEntry, writeSafetensors } from '@sifaka/nn';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { TrainingStep } from '../model/training-step.js';
import { keepBase } from '../run/base-weights.js';
import { checkpointFiles, checkpointName } from '../run/checkpoint.js';
import { type FolderKind, listFolders, writeFiles, writeFolder } from '../run/checkpoint-folders.js';
import { sha256 } from '../run/digest.js';
import { START } from '../run/run-state.js';
import type { OnlineSettings, OnlineState } from './online-options.js';
import { attributeTensors, raggedTensors, type SavedAttributes, savedAttributes } from './saved-attributes.js';

const KIND: FolderKind = { name: /^online-\d{10}$/, marker: 'online.json' };
/** Fingerprint of the model's checkpoint. A stream has no digest. */
export const FINGERPRINT = 'online';

/** Options of a stream that JSON can hold. Its ids are in the state. */
export type SavedStreamOptions = Omit<
  SampleStreamOptions,
  'positive' | 'onLate' | 'userIds' | 'itemIds' | 'queries' | 'statistics'
> & {
  /** Whether the stream had its own rule for labels, which JSON cannot hold. */
  readonly ownPositive: boolean;
  /** Present if the stream had statistics. */
  readonly attributes?: SavedAttributes;
};

/** Settings of an online trainer that JSON can hold. */
export type SavedSettings = Omit<OnlineSettings, 'onMetrics'>;

/** Content of `online.json`. */
export interface OnlineFile {
  readonly state: OnlineState;
  /** Sizes of the id tables. They may have room for more ids than there are. */
  readonly tables: { readonly users: number; readonly items: number };
  readonly stream: SavedStreamOptions;
  readonly settings: SavedSettings;
  readonly catalogue: Omit<Catalogue, 'images' | 'documents' | 'titles' | 'queries' | 'categories'>;
  readonly checksums: { readonly catalogue: string };
}

/** The parts of an online trainer that a checkpoint holds besides its state. */
export interface OnlineParts {
  readonly training: TrainingStep;
  readonly catalogue: Catalogue;
  readonly tokenizer: Tokenizer;
  readonly stream: SampleStream;
  readonly settings: SavedSettings;
}

/**
 * Saves an online trainer: the model and its optimizers as {@link saveCheckpoint} does, the state, the tokenizer, the
 * options of the stream and the trainer, and the catalogue, because content that came with the stream is stored nowhere
 * else. The folder is written under a temporary name and renamed. This checkpoint and the previous one are kept.
 *
 * @param arrivals number of events and groups of items so far, part of the folder's name
 * @returns the checkpoint's folder
 */
export async function saveOnline(
  { training, catalogue, tokenizer, stream, settings }: OnlineParts,
  { state, arrivals }: { readonly state: OnlineState; readonly arrivals: number },
  folder: string,
): Promise<string> {
  const { tables } = training.model;
  const name = `online-${String(arrivals).padStart(10, '0')}`;
  const attributes = stream.options.statistics?.attributes;
  const tensors = catalogueTensors(catalogue);
  const contents = writeSafetensors(attributes ? new Map([...tensors, ...attributeTensors(attributes)]) : tensors);
  const { size, vocabularySize, format } = catalogue;
  const file: OnlineFile = {
    state,
    tables: { users: tables.users.size, items: tables.items.size },
    stream: withoutInfinity(savedStreamOptions(stream)),
    settings: withoutInfinity(settings),
    catalogue: { size, vocabularySize, format },
    checksums: { catalogue: sha256(contents) },
  };
  const json = JSON.stringify(file);
  const run = { ...START, step: state.step, trainingSeconds: state.trainingSeconds };
  const model = checkpointName(run.step);
  const files = new Map<string, Uint8Array | string>([
    ...[...checkpointFiles(training, run, { fingerprint: FINGERPRINT, tokenizer })].map(
      ([at, content]) => [`${model}/${at}`, content] as const,
    ),
    ['catalogue.safetensors', contents],
    ['online.json', json],
    ['online.json.sha256', `${sha256(json)}\n`],
  ]);
  await keepBase(training.model, folder);
  return writeFolder(folder, name, KIND, (partial) => writeFiles(partial, files));
}

/** Lists the online checkpoints in a folder, newest first. */
export async function listOnline(folder: string): Promise<string[]> {
  return listFolders(folder, KIND);
}

function savedStreamOptions({ options }: SampleStream): SavedStreamOptions {
  const { positive, onLate: _, userIds: __, itemIds: ___, queries: ____, statistics, ...saved } = options;
  return {
    ...saved,
    ownPositive: positive !== undefined,
    ...(statistics && { attributes: savedAttributes(statistics.attributes) }),
  };
}

/** JSON has no infinity. An infinite limit is the same as none. */
function withoutInfinity<Options extends object>(options: Options): Options {
  const finite = Object.entries(options).filter(([, value]) => value !== Number.POSITIVE_INFINITY);
  return Object.fromEntries(finite) as Options;
}

function catalogueTensors({
  size,
  images,
  documents,
  titles,
  queries,
  categories,
}: Catalogue): Map<string, SafetensorsEntry> {
  const { pixels, present, height, width } = images;
  const texts = { documents, titles, ...(queries && { queries }) };
  const tensors = new Map<string, SafetensorsEntry>([
    ['pixels', { dtype: 'U8', shape: [size, height, width, 3], data: pixels }],
    ['present', { dtype: 'U8', shape: [size], data: present }],
    ...(categories === undefined ? [] : raggedTensors('categories', categories)),
  ]);
  for (const [name, { ids, lengths, maxLength }] of Object.entries(texts)) {
    tensors.set(`${name}.ids`, { dtype: 'I32', shape: [lengths.length, maxLength], data: ids });
    tensors.set(`${name}.lengths`, { dtype: 'I32', shape: [lengths.length], data: lengths });
  }
  return tensors;
}
