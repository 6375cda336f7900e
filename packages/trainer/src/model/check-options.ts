import { z } from 'zod';
import { describeIssue } from './describe-issue.js';
import { encoder, encoderContradictions } from './encoder-schema.js';
import { head } from './head-schema.js';
import { amount, count, group, positive, share } from './option-schema.js';
import type {
  CicTrainingOptions,
  ContentOptions,
  DecorrelationOptions,
  FusionOptions,
  HistoryContentOptions,
  HotContentOptions,
  OptimizerOptions,
  RankerOptions,
  SamplingOptions,
  SequenceOptions,
  SequencesOptions,
  SimilarityOptions,
  SqdcTrainingOptions,
  StatisticsColumn,
  StatisticsOptions,
} from './options.js';
import { headsOf, reader } from './reader-schema.js';

/**
 * Returns a copy of the options if a model can be built from them.
 *
 * @param where prefix of the error message
 * @throws RangeError listing every unknown option name and every impossible value.
 */
export function checkOptions(where: string, options: RankerOptions): RankerOptions {
  const result = rankerOptions.safeParse(options, { reportInput: true });
  if (result.success) return result.data;
  throw new RangeError(`${where}: ${result.error.issues.map(describeIssue).join('; ')}`);
}

const lowRank = { rank: positive, alpha: z.number().positive().exactOptional() };

const content = group<ContentOptions>()({
  patchSize: positive,
  imageDepth: positive,
  textDepth: positive,
  image: encoder.exactOptional(),
  text: encoder.exactOptional(),
  heads: positive,
  fusionQueries: positive,
  fusionDepth: positive,
  queryDepth: positive,
  query: z.enum(['likedTitles', 'samples', 'none']),
  queryItems: positive,
  fusion: z
    .discriminatedUnion('kind', [
      group<Extract<FusionOptions, { kind: 'queryFormer' }>>()({
        kind: z.literal('queryFormer'),
        form: z.enum(['typed', 'public']).exactOptional(),
      }),
      group<Extract<FusionOptions, { kind: 'concatenation' }>>()({ kind: z.literal('concatenation') }),
    ])
    .exactOptional(),
  history: z
    .discriminatedUnion('kind', [
      group<Extract<HistoryContentOptions, { kind: 'frozen' }>>()({ kind: z.literal('frozen') }),
      group<Extract<HistoryContentOptions, { kind: 'lowRank' }>>()({ kind: z.literal('lowRank'), ...lowRank }),
      group<Extract<HistoryContentOptions, { kind: 'sharedFusion' }>>()({
        kind: z.literal('sharedFusion'),
        ...lowRank,
      }),
      group<Extract<HistoryContentOptions, { kind: 'full' }>>()({ kind: z.literal('full') }),
    ])
    .exactOptional(),
});

const off = z.literal(false);

const sequence = group<SequenceOptions>()({
  length: count,
  ids: z.union([off, reader]),
  vectors: z.union([off, reader]),
  similarity: z.union([
    off,
    group<SimilarityOptions>()({
      recent: count.exactOptional(),
      top: count.exactOptional(),
      statistics: z.boolean().exactOptional(),
    }),
  ]),
}).refine(({ vectors, similarity }) => vectors !== false || similarity === false, {
  path: ['similarity'],
  error: 'expected false because vectors is false, got an object of options',
});

type CicNegatives = NonNullable<CicTrainingOptions['negatives']>;

const cic = group<CicTrainingOptions>()({
  weight: amount,
  temperature: z.number().positive(),
  negatives: z
    .discriminatedUnion('kind', [
      group<Extract<CicNegatives, { kind: 'all' }>>()({ kind: z.literal('all') }),
      group<Extract<CicNegatives, { kind: 'sampled' }>>()({
        kind: z.literal('sampled'),
        count: positive.exactOptional(),
        exclude: z.enum(['nothing', 'sameItem']).exactOptional(),
      }),
    ])
    .exactOptional(),
});

const rankerOptions: z.ZodType<RankerOptions> = group<RankerOptions>()({
  preset: z.string(),
  seed: z.int(),
  content: content.exactOptional(),
  trainEncoders: z.boolean(),
  rankingTrainsEncoders: z.boolean(),
  pretrainSteps: count,
  dim: positive,
  idDim: positive,
  sequences: group<SequencesOptions>()({
    liked: sequence.refine(({ length }) => length > 0, { path: ['length'], error: 'expected 1 or more, got 0' }),
    long: sequence,
    disliked: sequence,
  }),
  statistics: group<StatisticsOptions>()({
    columns: z
      .array(group<StatisticsColumn>()({ name: z.string(), mean: z.number(), deviation: z.number().positive() }))
      .min(1),
    wide: z.boolean(),
  }).exactOptional(),
  head,
  userDropout: share,
  itemDropout: share,
  sqdc: group<SqdcTrainingOptions>()({
    weight: amount,
    temperature: z.number().positive(),
    negatives: z.enum(['positives', 'all']),
    maskSession: z.boolean(),
    maskSameItem: z.boolean().exactOptional(),
    maskHistory: z.boolean().exactOptional(),
    maskExposed: z.boolean().exactOptional(),
    reduction: z.enum(['mean', 'sum']).exactOptional(),
    maxPairs: positive.exactOptional(),
    centre: z.boolean(),
  }),
  cic,
  decorrelation: group<DecorrelationOptions>()({ weight: amount }),
  sampling: group<SamplingOptions>()({
    forward: share,
    backward: share,
    hot: group<HotContentOptions>()({ writes: count, rate: share }).exactOptional(),
    refreshBudget: count.exactOptional(),
    warmUp: z.boolean().exactOptional(),
  }).refine(({ forward, backward }) => backward <= forward, {
    path: ['backward'],
    error: ({ input }) => `expected at most forward, got ${(input as SamplingOptions).backward}`,
  }),
  optimizer: group<OptimizerOptions>()({
    learningRate: amount,
    encoderLearningRate: amount,
    tableLearningRate: amount,
    weightDecay: amount,
    tableWeightDecay: amount,
    warmupSteps: count,
    clipNorm: z.number().positive(),
  }),
}).superRefine((options, context) => {
  for (const { path, message } of contradictions(options)) context.addIssue({ code: 'custom', path, message });
  for (const { path, heads, width } of attentionHeads(options)) {
    if (heads < 1 || options[width] % heads === 0) continue; // Fewer than 1 are reported already.
    const message = `expected a divisor of ${width} ${options[width]}, got ${heads}`;
    context.addIssue({ code: 'custom', path, message });
  }
});

/** Options that are possible alone and not together. */
function contradictions({ content, dim, sqdc, pretrainSteps, optimizer, sequences, ...training }: RankerOptions) {
  if (content === undefined) return [];
  const found = encoderContradictions(content, dim, optimizer.encoderLearningRate);
  const { query, history } = content;
  const because = "because content.query is 'none'";
  if (query === 'none' && sqdc.weight > 0) {
    found.push({ path: ['sqdc', 'weight'], message: `expected 0 ${because}, got ${sqdc.weight}` });
  }
  if (query === 'none' && pretrainSteps > 0) {
    found.push({ path: ['pretrainSteps'], message: `expected 0 ${because}, got ${pretrainSteps}` });
  }
  for (const name of ['trainEncoders', 'rankingTrainsEncoders'] as const) {
    if (history?.kind !== 'full' || training[name]) continue;
    const path = ['content', 'history', 'kind'];
    found.push({ path, message: `expected another kind because ${name} is false, got "full"` });
  }
  const readsVectors = Object.values(sequences).some(({ length, vectors }) => length > 0 && vectors !== false);
  if (history !== undefined && 'rank' in history && !readsVectors) {
    const path = ['content', 'history', 'kind'];
    const message = `expected "frozen" because no sequence in sequences reads vectors, got "${history.kind}"`;
    found.push({ path, message });
  }
  if (history !== undefined && 'rank' in history && history.rank > dim) {
    const path = ['content', 'history', 'rank'];
    found.push({ path, message: `expected at most dim ${dim}, got ${history.rank}` });
  }
  return found;
}

interface AttentionHeads {
  readonly path: string[];
  readonly heads: number;
  /** The width that they split. */
  readonly width: 'dim' | 'idDim';
}

function attentionHeads({ content, sequences }: RankerOptions): AttentionHeads[] {
  const found: AttentionHeads[] = content ? [{ path: ['content', 'heads'], heads: content.heads, width: 'dim' }] : [];
  for (const [name, { ids, vectors }] of Object.entries(sequences) as [string, SequenceOptions][]) {
    for (const [part, reader, width] of [['ids', ids, 'idDim'] as const, ['vectors', vectors, 'dim'] as const]) {
      const attention = reader === false ? undefined : headsOf(reader);
      if (attention === undefined) continue;
      found.push({ path: ['sequences', name, part, ...attention.path], heads: attention.heads, width });
    }
  }
  return found;
}
