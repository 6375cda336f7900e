import {
  Dien,
  Din,
  type FeatureGroups,
  HistoryDecoder,
  type HistoryReader,
  Longer,
  MeanPooling,
  Sim,
} from '@sifaka/ranker';
import type { ReaderOptions } from './reader-options.js';

/** What a reader is made for. */
export interface ReaderInputs {
  /** Widths of the groups that it may ask with. */
  readonly groups: FeatureGroups;
  /** Width of the sequence's vectors. */
  readonly dim: number;
  /** Length of the sequence. */
  readonly maxLength: number;
  readonly seed: number;
}

/** Makes the reader that the options describe. Readers that ask with the candidate alone ignore the groups. */
export function buildReader(options: ReaderOptions, { groups, dim, maxLength, seed }: ReaderInputs): HistoryReader {
  switch (options.kind) {
    case 'decoder':
      return new HistoryDecoder({ ...options, groups, dim, seed });
    case 'longer':
      return new Longer({ groups, dim, maxLength, seed });
    case 'meanPooling':
      return new MeanPooling({ dim });
    case 'din':
      return new Din({ ...options, dim, seed });
    case 'dien':
      return new Dien({ ...options, dim, seed });
    case 'sim':
      return new Sim({ ...options, dim, seed });
  }
}

/** Parts of the names from which the readers' seeds derive, as in `idDecoder`. */
export const READER_NAMES: Readonly<Record<ReaderOptions['kind'], string>> = {
  decoder: 'Decoder',
  longer: 'Longer',
  meanPooling: 'MeanPooling',
  din: 'Din',
  dien: 'Dien',
  sim: 'Sim',
};
