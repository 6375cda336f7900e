import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { buildRetrievalData, type ItemFeatures, type RetrievalData } from '../data/retrieval-data.js';
import { MmrecFileError } from './mmrec-file-error.js';
import { readMmrecInteractions } from './read-interactions.js';
import { readNpy } from './read-npy.js';

const WHERE = 'readMmrecFolder';
const FEATURE_FILE = /^(.+)_feat\.npy$/;

/** The data of a folder, and the name of its table, such as `baby`. */
export interface MmrecFolder {
  readonly name: string;
  readonly data: RetrievalData;
}

/**
 * Reads a dataset folder of MMRec: `NAME.inter`, and the features `MODALITY_feat.npy`, usually `image_feat.npy` and
 * `text_feat.npy`, one row per item. Feature files are optional, but VBPR, FREEDOM and EM3 need at least one.
 *
 * @throws {@link MmrecFileError} if the folder has not exactly one `.inter` file, if a file is malformed (see
 *   {@link readMmrecInteractions} and {@link readNpy}), or if the features have different numbers of rows, or fewer
 *   rows than there are items.
 */
export async function readMmrecFolder(folder: string): Promise<MmrecFolder> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new MmrecFileError(WHERE, folder, `cannot read the folder: ${error.code}`);
  });
  const tables = files.filter((file) => file.endsWith('.inter'));
  if (tables.length !== 1) {
    throw new MmrecFileError(WHERE, folder, `expected one .inter file, got ${tables.join(', ') || 'none'}`);
  }
  const table = path.join(folder, tables[0]!);
  const { users, items, parts } = await readMmrecInteractions(table);
  const features: Record<string, ItemFeatures> = {};
  let numItems: number | undefined;
  for (const file of files.filter((each) => FEATURE_FILE.test(each)).sort()) {
    const full = path.join(folder, file);
    const { rows, columns, values } = await readNpy(full);
    if (numItems !== undefined && rows !== numItems) {
      throw new MmrecFileError(WHERE, full, `expected ${numItems} rows, as in the other features, got ${rows}`);
    }
    numItems = rows;
    const beyond = items.findIndex((item) => item >= rows);
    if (beyond >= 0) {
      const count = new Set(items.filter((item) => item >= rows)).size;
      throw new MmrecFileError(
        WHERE,
        full,
        `expected a row for each item, got ${rows} rows; ${count} items of ${tables[0]} are beyond, such as ${items[beyond]}`,
      );
    }
    features[FEATURE_FILE.exec(file)![1]!] = { dim: columns, values };
  }
  if (!parts.includes(0))
    throw new MmrecFileError(WHERE, table, 'expected interactions with x_label 0 (train), got none');
  return { name: path.basename(table, '.inter'), data: buildRetrievalData({ users, items, parts, features }) };
}
