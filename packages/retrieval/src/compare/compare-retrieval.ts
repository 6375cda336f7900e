import { assertSeed } from '@sifaka/nn';
import type { RetrievalData } from '../data/retrieval-data.js';
import { type ItemGraphOptions, itemGraph } from '../graph/item-graph.js';
import { assertFeatures } from '../models/feature-tensors.js';
import { popularityVectors } from '../models/popularity-vectors.js';
import { evaluateRetrieval, type RetrievalMetrics } from '../training/evaluate-retrieval.js';
import { type RetrievalEpoch, type TrainRetrievalOptions, trainRetrieval } from '../training/train-retrieval.js';
import {
  assertModelKind,
  buildRetrievalModel,
  MODEL_NAMES,
  type RetrievalModelKind,
  type RetrievalModelOptions,
  readsFeatures,
  readsItemGraph,
} from './model-options.js';
import type { Selection } from './published-results.js';

export interface CompareRetrievalOptions {
  /**
   * Default: each model once, with its defaults; without features, BPR-MF and LightGCN only. The same kind may occur
   * several times, as the grid from which its best options are chosen.
   */
  readonly models?: readonly RetrievalModelOptions[];
  /** Each model is trained with each seed. Default `[1]`. */
  readonly seeds?: readonly number[];
  readonly training?: Omit<TrainRetrievalOptions, 'seed' | 'onEpoch'>;
  readonly itemGraph?: ItemGraphOptions;
  /** Called after each epoch of each run. */
  readonly onEpoch?: (run: RunName, epoch: RetrievalEpoch) => void;
  /** Called after each run. */
  readonly onRun?: (run: RetrievalRun) => void;
}

/** One training. */
export interface RunName {
  readonly options: RetrievalModelOptions;
  readonly seed: number;
}

/** One training and its results. */
export interface RetrievalRun extends RunName {
  /** Epochs that were trained, and the best of them, from 0. */
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly validation: RetrievalMetrics;
  readonly test: RetrievalMetrics;
}

/** The best options of one kind of model, as means over the seeds. */
export interface RetrievalRow {
  readonly kind: RetrievalModelKind | 'popularity';
  /** The part whose Recall@20 chose the options. Choosing by test reports a value that is too high. */
  readonly selection: Selection;
  /** Undefined for popularity, which has none. */
  readonly options: RetrievalModelOptions | undefined;
  readonly seeds: number;
  readonly validation: RetrievalMetrics;
  readonly test: RetrievalMetrics;
}

export interface RetrievalComparison {
  readonly rows: readonly RetrievalRow[];
  readonly runs: readonly RetrievalRun[];
}

/**
 * EM3's public experiment: trains each model with each seed, and ranks the full catalogue. Each kind of model has two
 * rows. In one, its options are the best on validation. In the other, they are the best on test, which is how EM3's
 * public code chose the results that it reports. With one entry per kind, both are the same.
 *
 * @throws RangeError for an unknown kind, no model, no seed, options out of range, or models that need features if
 *   there are none. Everything but a model's own options is checked before the first training.
 */
export async function compareRetrieval(
  data: RetrievalData,
  { seeds = [1], training, onEpoch, onRun, ...options }: CompareRetrievalOptions = {},
): Promise<RetrievalComparison> {
  const models = options.models ?? defaultModels(data);
  if (models.length === 0) throw new RangeError('compareRetrieval: expected at least one model, got none');
  if (seeds.length === 0) throw new RangeError('compareRetrieval: expected at least one seed, got none');
  for (const model of models) assertModelKind('compareRetrieval', model);
  for (const seed of seeds) assertSeed('compareRetrieval', seed);
  for (const model of models.filter(readsFeatures)) {
    assertFeatures('compareRetrieval', data.features, MODEL_NAMES[model.kind]);
  }
  const graph = models.some(readsItemGraph) ? await itemGraph(data.features, options.itemGraph) : undefined;
  const runs: RetrievalRun[] = [];
  try {
    for (const modelOptions of models) {
      for (const seed of seeds) {
        const model = buildRetrievalModel(modelOptions, { data, seed, ...(graph && { itemGraph: graph }) });
        try {
          const { epochs, ...result } = await trainRetrieval(model, data, {
            ...training,
            seed,
            onEpoch: (epoch) => onEpoch?.({ options: modelOptions, seed }, epoch),
          });
          const run = { options: modelOptions, seed, epochs: epochs.length, ...result };
          runs.push(run);
          onRun?.(run);
        } finally {
          model.dispose();
        }
      }
    }
  } finally {
    graph?.dispose();
  }
  const kinds = [...new Set(models.map(({ kind }) => kind))];
  const rows = kinds.flatMap((kind) => {
    const candidates = models
      .filter((each) => each.kind === kind)
      .map((each) =>
        summarise(
          each,
          runs.filter((run) => run.options === each),
        ),
      );
    return [best(candidates, 'validation'), best(candidates, 'test')];
  });
  return { rows: [await popularityRow(data), ...rows], runs };
}

function defaultModels({ features }: RetrievalData): readonly RetrievalModelOptions[] {
  if (Object.keys(features).length === 0) return [{ kind: 'bprMf' }, { kind: 'lightGcn' }];
  return [{ kind: 'bprMf' }, { kind: 'vbpr' }, { kind: 'lightGcn' }, { kind: 'freedom' }, { kind: 'em3' }];
}

async function popularityRow(data: RetrievalData): Promise<RetrievalRow> {
  const vectors = popularityVectors(data);
  try {
    const validation = await evaluateRetrieval(vectors, data, 'validation');
    const test = await evaluateRetrieval(vectors, data, 'test');
    return { kind: 'popularity', selection: 'validation', options: undefined, seeds: 1, validation, test };
  } finally {
    vectors.users.dispose();
    vectors.items.dispose();
  }
}

function summarise(options: RetrievalModelOptions, runs: readonly RetrievalRun[]): Omit<RetrievalRow, 'selection'> {
  const mean = (part: Selection): RetrievalMetrics => {
    const of = (name: keyof RetrievalMetrics) => runs.reduce((sum, run) => sum + run[part][name], 0) / runs.length;
    return {
      users: of('users'),
      recall10: of('recall10'),
      recall20: of('recall20'),
      ndcg10: of('ndcg10'),
      ndcg20: of('ndcg20'),
    };
  };
  return { kind: options.kind, options, seeds: runs.length, validation: mean('validation'), test: mean('test') };
}

function best(candidates: readonly Omit<RetrievalRow, 'selection'>[], selection: Selection): RetrievalRow {
  const first = candidates.reduce((a, b) => (b[selection].recall20 > a[selection].recall20 ? b : a));
  return { ...first, selection };
}
