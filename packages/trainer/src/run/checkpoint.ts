import type { Tokenizer } from '@sifaka/encoders/node';
import { readBankSnapshot, writeBankSnapshot } from '@sifaka/memory-bank';
import { importParameters, readSafetensors, type SafetensorsFile, writeSafetensors } from '@sifaka/nn';
import { exportWeights, importWeights } from '../model/model-weights.js';
import type { TrainedIds } from '../model/ranker-parts.js';
import type { TrainingStep } from '../model/training-step.js';
import { baseDigest, keepBase, readBase } from './base-weights.js';
import { catalogueDifference, digestCatalogue } from './catalogue-digest.js';
import { CheckpointError } from './checkpoint-error.js';
import { type FolderKind, listFolders, writeFiles, writeFolder } from './checkpoint-folders.js';
import { columnSizes, IDS_FILE, parseIds, TOKENIZER_FILE } from './checkpoint-parts.js';
import { readListed, readState, SCHEMA, type StateFile } from './checkpoint-state.js';
import { momentEntries, tableEntries } from './checkpoint-tensors.js';
import { readWeights, type SavedWeights, useFile, type WeightPaths } from './checkpoint-weights.js';
import { sha256 } from './digest.js';
import { assertSameEncoders, withoutPlaces } from './encoder-sources.js';
import { exportMoments, importMoments } from './optimizer-moments.js';
import type { BestState, RunState, ValidationPoint } from './run-state.js';

const BANK_FILE = 'bank/bank.safetensors';

/** The last step's weights and those of the best validation. */
const LAST: WeightPaths = {
  model: 'model.safetensors',
  users: 'tables/users.safetensors',
  items: 'tables/items.safetensors',
  optimizer: 'optimizer.safetensors',
};
const BEST: WeightPaths = {
  model: 'best/model.safetensors',
  users: 'best/users.safetensors',
  items: 'best/items.safetensors',
  optimizer: 'best/optimizer.safetensors',
};

const KIND: FolderKind = { name: /^step-\d{8}$/, marker: 'state.json' };

export interface CheckpointOptions {
  /** Folder of a run's checkpoints, each in a folder of its own. */
  readonly folder: string;
  /** Identifies the data and their split. A checkpoint is only continued on the same. */
  readonly fingerprint: string;
  /** The tokenizer that the catalogue was built with, which the checkpoint then holds. Default: it holds none. */
  readonly tokenizer?: Tokenizer | undefined;
}

/**
 * Saves everything that a run needs to continue and a server to serve: `model.safetensors`, `optimizer.safetensors`,
 * `tables/`, `bank/`, `best/`, `ids.json`, `tokenizer.json` and `state.json`; {@link readCheckpointParts} reads the ids
 * and the tokenizer. The folder is written under a temporary name and renamed, so a run killed while saving
 * keeps its previous checkpoint. This checkpoint and the newest of the others are kept. Frozen weights of encoders are
 * kept once, beside the checkpoints.
 *
 * @returns the checkpoint's folder
 * @throws {@link CheckpointError} naming the file that could not be written, and the checkpoint that is kept.
 */
export async function saveCheckpoint(
  training: TrainingStep,
  state: RunState,
  { folder, ...about }: CheckpointOptions,
): Promise<string> {
  const files = checkpointFiles(training, state, about);
  await keepBase(training.model, folder);
  return writeFolder(folder, checkpointName(state.step), KIND, (partial) => writeFiles(partial, files));
}

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** The files of a checkpoint, by path. */
export function checkpointFiles(
  training: TrainingStep,
  state: RunState,
  { fingerprint, tokenizer }: Omit<CheckpointOptions, 'folder'>,
): Map<string, Uint8Array | string> {
  const { model } = training;
  const files = new Map<string, Uint8Array | string>();
  const addWeights = (at: WeightPaths, { weights, moments }: SavedWeights) => {
    files.set(at.model, writeSafetensors(weights.dense));
    files.set(at.users, writeSafetensors(tableEntries(weights.users)));
    files.set(at.items, writeSafetensors(tableEntries(weights.items)));
    files.set(at.optimizer, writeSafetensors(momentEntries(moments)));
  };
  addWeights(LAST, { weights: exportWeights(model), moments: exportMoments(training) });
  files.set(BANK_FILE, writeBankSnapshot(model.bank.snapshot()));
  if (state.best !== undefined) addWeights(BEST, state.best);
  files.set(IDS_FILE, JSON.stringify(model.trainedIds));
  if (tokenizer !== undefined) files.set(TOKENIZER_FILE, tokenizer.toJSON());

  const { best, ...run } = state;
  const base = baseDigest(model);
  const stateFile: Omit<StateFile, 'checksum'> = {
    schema: SCHEMA,
    options: model.options,
    fingerprint,
    ...(model.trainedAsOf && { historyAsOf: model.trainedAsOf }),
    catalogue: digestCatalogue(model.catalogue, model.options),
    ...(base !== undefined && { base }),
    ...(Object.keys(model.encoderSources).length > 0 && { encoders: model.encoderSources }),
    columns: columnSizes(model.catalogue),
    run,
    best: best === undefined ? null : describeBest(best),
    checksums: Object.fromEntries([...files].map(([file, bytes]) => [file, sha256(bytes)])),
  };
  const signed: StateFile = { ...stateFile, checksum: sha256(JSON.stringify(stateFile)) };
  files.set('state.json', `${JSON.stringify(signed, null, 1)}\n`);
  return files;
}

/** Lists the checkpoints in a run's folder, newest first. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  return listFolders(folder, KIND);
}

/**
 * Loads a checkpoint into a model built from the same options, and into its optimizers.
 *
 * @throws {@link CheckpointError} naming the file if it is missing, its checksum differs or its weights do not fit the
 * model, or if schema, options, data, the contents of the catalogue or published encoders differ. The model stays as
 * it was.
 */
export async function loadCheckpoint(
  training: TrainingStep,
  checkpoint: string,
  { fingerprint }: Pick<CheckpointOptions, 'fingerprint'>,
): Promise<RunState> {
  const { model } = training;
  const state = await readState(checkpoint);
  // The weights of published encoders decide, not the place where they lie now.
  const [there, here] = [state.options, model.options].map(withoutPlaces);
  if (JSON.stringify(there) !== JSON.stringify(here)) {
    throw new CheckpointError(
      checkpoint,
      `expected the options of this run, got those of another (${difference(there, here)})`,
    );
  }
  assertSameEncoders(checkpoint, state.encoders, model.encoderSources);
  if (state.fingerprint !== fingerprint) {
    throw new CheckpointError(checkpoint, `expected data ${fingerprint}, got ${state.fingerprint}`);
  }
  const different = catalogueDifference(state.catalogue, digestCatalogue(model.catalogue, model.options));
  if (different !== '') {
    throw new CheckpointError(checkpoint, `expected the catalogue that it was trained on, got another (${different})`);
  }
  const base = await readBase(model, checkpoint, state.base);
  const found = new Map<string, SafetensorsFile>();
  let ids: TrainedIds = {};
  for (const name of Object.keys(state.checksums)) {
    const bytes = await readListed(checkpoint, state, name);
    if (name.endsWith('.safetensors')) found.set(name, readSafetensors(bytes));
    if (name === IDS_FILE) ids = parseIds(checkpoint, bytes);
  }

  // Everything is read and checked before the first weight changes.
  const files = { checkpoint, files: found };
  const { weights, moments } = readWeights(training, files, LAST, state.optimizerUpdates);
  const best: BestState | undefined =
    state.best === null
      ? undefined
      : { ...describeBest(state.best), ...readWeights(training, files, BEST, state.best.optimizerUpdates) };
  const restoreBank = useFile(files, BANK_FILE, (file) => model.bankRestorer(readBankSnapshot(file)));

  if (base !== undefined) importParameters(model.frozenParameters, base);
  importWeights(model, weights);
  importMoments(training, moments);
  model.trainedIds = ids;
  model.trainedAsOf = state.historyAsOf;
  restoreBank();
  return { ...state.run, validations: state.run.validations.map(withNaN), best };
}

function describeBest({ step, metric, value }: Pick<BestState, 'step' | 'metric' | 'value'>) {
  return { step, metric, value };
}

/** Restores the NaN of a validation part with a single class, which JSON writes as null. */
function withNaN(point: ValidationPoint): ValidationPoint {
  return {
    ...point,
    auc: point.auc ?? Number.NaN,
    gauc: point.gauc ?? Number.NaN,
    gaucByVisit: point.gaucByVisit ?? Number.NaN,
    logLoss: point.logLoss ?? Number.NaN,
  };
}

/** `seed: 1 there, 2 here; sequences.long.length: 0 there, 200 here` */
function difference(there: unknown, here: unknown, path = ''): string {
  if (!isObject(there) || !isObject(here)) {
    return `${path}: ${JSON.stringify(there)} there, ${JSON.stringify(here)} here`;
  }
  return Object.keys({ ...there, ...here })
    .filter((key) => JSON.stringify(there[key]) !== JSON.stringify(here[key]))
    .map((key) => difference(there[key], here[key], path === '' ? key : `${path}.${key}`))
    .join('; ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
