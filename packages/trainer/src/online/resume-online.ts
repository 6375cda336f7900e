import path from 'node:path';
import { SampleStream, type SampleStreamOptions } from '@sifaka/data';
import type { Tokenizer } from '@sifaka/encoders/node';
import { readSafetensors, type SafetensorsFile } from '@sifaka/nn';
import type { Catalogue, TextColumn } from '../catalogue/catalogue.js';
import { type BuildRankerOptions, buildRanker } from '../model/build-ranker.js';
import type { RankerOptions } from '../model/options.js';
import { TrainingStep } from '../model/training-step.js';
import { openEncoders, type PublishedEncoders } from '../published/open-encoders.js';
import { listCheckpoints, loadCheckpoint } from '../run/checkpoint.js';
import { CheckpointError } from '../run/checkpoint-error.js';
import { readCheckpointParts } from '../run/checkpoint-parts.js';
import { sha256 } from '../run/digest.js';
import { readCheckpointFile } from '../run/read-checkpoint-file.js';
import { GrowingCatalogue } from './growing-catalogue.js';
import { FINGERPRINT, type OnlineFile } from './online-checkpoint.js';
import type { OnlineSettings } from './online-options.js';
import { OnlineTrainer } from './online-trainer.js';
import { readAttributes, readRagged } from './saved-attributes.js';

/** What is known of a model that is resumed before its modules are made. */
export interface ResumedModel {
  readonly options: RankerOptions;
  readonly catalogue: GrowingCatalogue;
  /** The tokenizer that the catalogue was built with. */
  readonly tokenizer: Tokenizer;
  /** Size of the id table of users. */
  readonly numUsers: number;
}

export interface ResumeOnlineOptions extends OnlineSettings, Pick<BuildRankerOptions, 'frozenPrefixes'> {
  /**
   * Makes the modules that replaced those of the options when the model was built: `parts` of {@link buildRanker}. The
   * checkpoint holds their weights. The model disposes them. Default: none.
   */
  readonly parts?: (model: ResumedModel) => BuildRankerOptions['parts'] | Promise<BuildRankerOptions['parts']>;
  /** Options that the model must have. Default: those of the checkpoint. */
  readonly options?: RankerOptions;
  /** The published encoders that the options name. Default: {@link openEncoders} opens them by their names. */
  readonly encoders?: PublishedEncoders;
  /**
   * Changes to the stream's options. Default: none. `positive` must be given again if the stream had one, because a
   * checkpoint holds no functions. Ids come from the checkpoint.
   */
  readonly stream?: Partial<SampleStreamOptions>;
}

/**
 * Loads a checkpoint of {@link OnlineTrainer.save}, which holds the options of model, stream and trainer. If its source
 * continues at `counts.arrivals`, the trainer gives the numbers of one that was never stopped. The caller disposes it.
 *
 * @param settings changes to the checkpoint's, and `onMetrics`, which a checkpoint cannot hold
 * @throws {@link CheckpointError} naming a missing or damaged file, or if the model's options differ from those given, or
 *   its published encoders from those that their names give now. As {@link openEncoders} if one cannot be opened.
 * @throws RangeError if the stream needs its own `positive` again, or its histories or `historyAsOf` do not fit its
 *   state.
 */
export async function resumeOnline(
  checkpoint: string,
  {
    options: given,
    encoders,
    stream: changes,
    parts: makeParts,
    frozenPrefixes = {},
    ...settings
  }: ResumeOnlineOptions = {},
): Promise<OnlineTrainer> {
  const { state, tables, ...file } = await readOnlineFile(checkpoint);
  const { ownPositive, attributes: columns, ...streamOptions } = file.stream;
  if (ownPositive && changes?.positive === undefined) {
    throw new RangeError('resumeOnline: expected stream.positive again, which the checkpoint cannot hold, got none');
  }
  const contents = await readContents(path.join(checkpoint, 'catalogue.safetensors'), file.checksums.catalogue);
  const catalogue = new GrowingCatalogue(readCatalogue(contents, file.catalogue));
  const statistics = columns && { attributes: readAttributes(columns, contents) };
  const stream = new SampleStream({ ...streamOptions, ...(statistics && { statistics }), ...changes }, state.stream);
  const [modelFolder] = await listCheckpoints(checkpoint);
  if (modelFolder === undefined) throw new CheckpointError(checkpoint, 'expected a model, found none');
  const { tokenizer, options: saved } = await readCheckpointParts(modelFolder);
  if (tokenizer === undefined) throw new CheckpointError(modelFolder, 'expected a tokenizer, found none');
  const [options, numUsers] = [given ?? saved, tables.users];
  const parts = (await makeParts?.({ options, catalogue, tokenizer, numUsers })) ?? {};
  const { inputs, load } = encoders ?? (await openEncoders(parts.content === undefined ? options : {}));
  const model = buildRanker(options, { catalogue, numUsers, parts, frozenPrefixes, encoders: await load() });
  const training = new TrainingStep(model);
  try {
    model.tables.items.grow(tables.items);
    await loadCheckpoint(training, modelFolder, { fingerprint: FINGERPRINT });
    const all = {
      stream,
      catalogue,
      itemIds: state.itemIds,
      tokenizer,
      imageProcessor: inputs.imageProcessor,
      ...file.settings,
      ...settings,
    };
    return new OnlineTrainer(training, all, state);
  } catch (error) {
    training.dispose();
    model.dispose();
    throw error;
  }
}

async function readOnlineFile(checkpoint: string): Promise<OnlineFile> {
  const file = path.join(checkpoint, 'online.json');
  const bytes = await readCheckpointFile(file);
  const checksum = (await readCheckpointFile(`${file}.sha256`)).toString('utf8').trim();
  if (sha256(bytes) !== checksum) throw new CheckpointError(file, 'its checksum differs: the file is damaged');
  const content = JSON.parse(bytes.toString('utf8')) as OnlineFile;
  if (content.state.format !== 4) {
    throw new CheckpointError(file, `expected a state of format 4, got ${String(content.state.format)}`);
  }
  // Before published tokenizers, two ids said the same.
  if (content.catalogue.format === undefined) {
    throw new CheckpointError(file, 'expected the format of the catalogue’s texts, got that of an earlier version');
  }
  return content;
}

type Contents = SafetensorsFile['tensors'];

async function readContents(file: string, checksum: string): Promise<Contents> {
  const bytes = await readCheckpointFile(file);
  if (sha256(bytes) !== checksum) throw new CheckpointError(file, 'its checksum differs: the file is damaged');
  return readSafetensors(bytes).tensors;
}

function readCatalogue(tensors: Contents, facts: OnlineFile['catalogue']): Catalogue {
  const [, height, width] = tensors.get('pixels')!.shape;
  const column = (name: string): TextColumn => ({
    ids: tensors.get(`${name}.ids`)!.data as Int32Array,
    lengths: tensors.get(`${name}.lengths`)!.data as Int32Array,
    maxLength: tensors.get(`${name}.ids`)!.shape[1]!,
  });
  return {
    ...facts,
    images: {
      pixels: tensors.get('pixels')!.data as Uint8Array,
      height: height!,
      width: width!,
      present: tensors.get('present')!.data as Uint8Array,
    },
    documents: column('documents'),
    titles: column('titles'),
    ...(tensors.has('queries.ids') && { queries: column('queries') }),
    ...(tensors.has('categories.ids') && { categories: readRagged('categories', tensors) }),
  };
}
