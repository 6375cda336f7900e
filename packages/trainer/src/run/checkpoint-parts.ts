import path from 'node:path';
import { readTokenizer, type Tokenizer } from '@sifaka/encoders/node';
import type { Catalogue } from '../catalogue/catalogue.js';
import { checkOptions } from '../model/check-options.js';
import type { RankerOptions } from '../model/options.js';
import type { TrainedIds } from '../model/ranker-parts.js';
import { CheckpointError } from './checkpoint-error.js';
import { type ColumnSizes, readListed, readState } from './checkpoint-state.js';

export const IDS_FILE = 'ids.json';
export const TOKENIZER_FILE = 'tokenizer.json';

/** What a checkpoint holds beside weights and the progress of the run. */
export interface CheckpointParts {
  /** Of the model. */
  readonly options: RankerOptions;
  /** Outside ids of the rows of the id tables, in their order: `itemIds[i]` is the item `i` of tables and bank. */
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** The tokenizer of the catalogue; undefined if the checkpoint was saved without one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Sizes of the catalogue's columns. With the tokenizer they are options of `buildCatalogue` for new items. */
  readonly columns: ColumnSizes;
}

/**
 * Reads what names the items of a checkpoint and turns new items into inputs of its model.
 *
 * @throws {@link CheckpointError} naming the file if one is missing or damaged.
 */
export async function readCheckpointParts(checkpoint: string): Promise<CheckpointParts> {
  const state = await readState(checkpoint);
  const { users = [], items = [] } = parseIds(checkpoint, await readListed(checkpoint, state, IDS_FILE));
  const saved = TOKENIZER_FILE in state.checksums ? await readListed(checkpoint, state, TOKENIZER_FILE) : undefined;
  const inCheckpoint = async <Part>(file: string, read: () => Part | Promise<Part>): Promise<Part> => {
    try {
      return await read();
    } catch (error) {
      throw new CheckpointError(file, (error as Error).message, { cause: error });
    }
  };
  return {
    options: await inCheckpoint(checkpoint, () => checkOptions('options', state.options as RankerOptions)),
    userIds: users,
    itemIds: items,
    tokenizer:
      saved && (await inCheckpoint(path.join(checkpoint, TOKENIZER_FILE), () => readTokenizer(saved.toString('utf8')))),
    columns: state.columns,
  };
}

export function columnSizes({ images, documents, titles, queries }: Catalogue): ColumnSizes {
  return {
    imageHeight: images.height,
    imageWidth: images.width,
    documentLength: documents.maxLength,
    titleLength: titles.maxLength,
    ...(queries && { queryLength: queries.maxLength }),
  };
}

/** The ids of a file whose checksum is right. */
export function parseIds(checkpoint: string, bytes: Buffer): TrainedIds {
  try {
    return JSON.parse(bytes.toString('utf8')) as TrainedIds;
  } catch (error) {
    throw new CheckpointError(path.join(checkpoint, IDS_FILE), (error as Error).message, { cause: error });
  }
}
