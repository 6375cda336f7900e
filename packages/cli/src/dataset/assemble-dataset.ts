import path from 'node:path';
import { baselineWarnings } from '@sifaka/baselines';
import {
  assertTrainable,
  coldItems,
  gatherStatistics,
  type ItemAttributes,
  noAttributes,
  type Samples,
  type Split,
} from '@sifaka/data';
import type { FrozenPrefixStore } from '@sifaka/encoders';
import type { BuiltCatalogue, PublishedEncoders, ReportData, ReportQueries } from '@sifaka/trainer';
import { attributeWarnings } from './attribute-warnings.js';
import type { Dataset } from './dataset.js';
import { fingerprint } from './fingerprint.js';

/** Number of broken images that the report lists by name. */
const LISTED_BROKEN_IMAGES = 20;

export interface AssembleDatasetOptions {
  readonly samples: Samples;
  readonly split: Split;
  readonly built: BuiltCatalogue;
  /** The published encoders that the catalogue was built for. Default: none. */
  readonly encoders?: PublishedEncoders;
  /** Keeps what frozen layers of these encoders computed between runs. Default: each run computes it anew. */
  readonly frozenPrefixes?: FrozenPrefixStore;
  /** Categories and words of the items, for statistics and baselines. Default: none. */
  readonly attributes?: ItemAttributes;
  /** Rows that were left out or kept without content. Default: none. */
  readonly counts?: Partial<Pick<ReportData, 'duplicateRows' | 'duplicateItems' | 'unknownItemEvents'>>;
  /** What the labels mean, by name, where a data set has several meanings. Default: it has one. */
  readonly task?: string;
  /** Counts of the events that `addNegatives` drew. Default: none were drawn. */
  readonly negatives?: ReportData['negatives'];
  /** Where the samples' queries come from, if they have any. */
  readonly queries?: ReportQueries;
  /** Added to those of the split, the attributes and the baselines. */
  readonly warnings?: readonly string[];
}

/**
 * Joins samples, split, catalogue and attributes into a {@link Dataset}: finds the cold items, gathers the statistics,
 * and describes the data for the report.
 *
 * @throws RangeError if the samples have another number of items than the catalogue or the attributes, or these are
 *   damaged; LabelError if the train part has no liked or no disliked samples.
 */
export function assembleDataset(options: AssembleDatasetOptions): Dataset {
  const { samples, split, built, counts = {}, task, negatives, queries } = options;
  const { attributes = noAttributes(samples.numItems) } = options;
  if (built.catalogue.size !== samples.numItems) {
    const got = `${samples.numItems} items in the samples`;
    throw new RangeError(`assembleDataset: expected the catalogue's ${built.catalogue.size} items, got ${got}`);
  }
  assertTrainable(samples, split);
  const warnings = [
    ...[...split.warnings, ...(options.warnings ?? [])],
    ...[...attributeWarnings(attributes), ...baselineWarnings(attributes)],
  ];
  const cold = coldItems(samples, split);
  return {
    samples,
    split,
    cold,
    catalogue: built.catalogue,
    tokenizer: built.tokenizer,
    ...(options.encoders && { encoders: options.encoders }),
    ...(options.frozenPrefixes && { frozenPrefixes: options.frozenPrefixes }),
    attributes,
    statistics: gatherStatistics(samples, attributes),
    report: {
      events: samples.length,
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      users: samples.numUsers,
      items: samples.numItems,
      coldItems: cold.reduce((total, isCold) => total + isCold, 0),
      ...(task !== undefined && { task }),
      historyAsOf: samples.historyAsOf,
      ...(negatives && { negatives }),
      split: { kind: split.kind, leakage: split.leakage, warnings: split.warnings },
      images: built.counts.images,
      brokenImages: built.brokenImages
        .slice(0, LISTED_BROKEN_IMAGES)
        .map(({ file, reason }) => ({ file: path.basename(file), reason })),
      texts: built.counts.texts,
      duplicateRows: counts.duplicateRows ?? 0,
      unknownItemEvents: counts.unknownItemEvents ?? 0,
      duplicateItems: counts.duplicateItems ?? 0,
      ...(queries && { queries }),
      warnings,
      fingerprint: fingerprint(samples, split, built, { attributes, task }),
    },
    warnings,
  };
}
