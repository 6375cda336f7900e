import { z } from 'zod';
import { describeIssue } from './describe-issue.js';
import type {
  CicTrainingOptions,
  ContentOptions,
  DecoderOptions,
  DecorrelationOptions,
  HotContentOptions,
  LongerReaderOptions,
  MlpHeadOptions,
  OptimizerOptions,
  RankerOptions,
  RankMixerHeadOptions,
  SamplingOptions,
  SequenceOptions,
  SequencesOptions,
  SimilarityOptions,
  SqdcTrainingOptions,
  StatisticsColumn,
  StatisticsOptions,
} from './options.js';

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

/** A schema that refuses unknown keys. The compiler checks its keys and value types against the options interface. */
function group<Options extends object>() {
  return <Shape extends { readonly [Key in keyof Required<Options>]: z.ZodType<Options[Key]> }>(shape: Shape) =>
    z.strictObject(shape);
}

const count = z.int().min(0);
const positive = z.int().min(1);
const amount = z.number().min(0);
const share = z.number().min(0).max(1);

const content = group<ContentOptions>()({
  patchSize: positive,
  imageDepth: positive,
  textDepth: positive,
  heads: positive,
  fusionQueries: positive,
  fusionDepth: positive,
  queryDepth: positive,
  query: z.enum(['likedTitles', 'samples']),
  queryItems: positive,
});

type Attention = DecoderOptions['attention'];

const reader = z.discriminatedUnion('kind', [
  group<DecoderOptions>()({
    kind: z.literal('decoder'),
    depth: positive,
    attention: z.discriminatedUnion('kind', [
      group<Extract<Attention, { kind: 'printed' }>>()({ kind: z.literal('printed') }),
      group<Extract<Attention, { kind: 'projected' }>>()({ kind: z.literal('projected'), heads: positive }),
    ]),
    residual: z.boolean().exactOptional(),
  }),
  group<LongerReaderOptions>()({ kind: z.literal('longer') }),
]);

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

type FeedForward = RankMixerHeadOptions['feedForward'];

const head = z.discriminatedUnion('kind', [
  group<RankMixerHeadOptions>()({
    kind: z.literal('rankMixer'),
    headDim: positive,
    depth: positive,
    feedForward: z.discriminatedUnion('kind', [
      group<Extract<FeedForward, { kind: 'dense' }>>()({ kind: z.literal('dense') }),
      group<Extract<FeedForward, { kind: 'experts' }>>()({ kind: z.literal('experts'), experts: positive }),
    ]),
  }),
  group<MlpHeadOptions>()({ kind: z.literal('mlp'), hiddenDims: z.array(positive) }),
]);

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
  cic: group<CicTrainingOptions>()({ weight: amount, temperature: z.number().positive() }),
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
  for (const { path, heads, width } of attentionHeads(options)) {
    if (heads < 1 || options[width] % heads === 0) continue; // Fewer than 1 are reported already.
    const message = `expected a divisor of ${width} ${options[width]}, got ${heads}`;
    context.addIssue({ code: 'custom', path, message });
  }
});

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
      if (reader === false || reader.kind !== 'decoder' || reader.attention.kind !== 'projected') continue;
      found.push({ path: ['sequences', name, part, 'attention', 'heads'], heads: reader.attention.heads, width });
    }
  }
  return found;
}
