import { z } from 'zod';
import type {
  CicTrainingOptions,
  ContentOptions,
  DecoderOptions,
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
  error: 'expected similarity to be false where vectors is false',
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
    centre: z.boolean(),
  }),
  cic: group<CicTrainingOptions>()({ weight: amount, temperature: z.number().positive() }),
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
}).refine(({ dim, content: { heads } = { heads: 1 } }) => dim % heads === 0, {
  path: ['content', 'heads'],
  error: ({ input }) => {
    const { dim, content: encoders } = input as RankerOptions;
    return `expected a divisor of dim ${dim}, got ${encoders?.heads}`;
  },
});

const TYPE_NAMES: Readonly<Record<string, string>> = { int: 'a whole number', object: 'an object', array: 'an array' };

/** `sampling.backward: expected at most forward, got 2` */
function describeIssue(issue: z.core.$ZodIssue): string {
  const at = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  const got = `got ${show(issue.input)}`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const names = issue.keys.map((key) => [...issue.path, key].join('.'));
      return `unknown option ${names.join(', ')}`;
    }
    case 'invalid_type':
      return `${at}expected ${TYPE_NAMES[issue.expected] ?? `a ${issue.expected}`}, ${got}`;
    case 'too_small':
      return `${at}expected ${issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`}, ${got}`;
    case 'too_big':
      return `${at}expected ${issue.maximum} or less, ${got}`;
    case 'invalid_value':
      return `${at}expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, ${got}`;
    case 'invalid_union':
      return describeUnion(issue, at, got);
    default:
      return `${at}${issue.message}`;
  }
}

/** As JSON, which has no NaN, Infinity and undefined. */
function show(value: unknown): string {
  return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
}

function describeUnion(issue: z.core.$ZodIssueInvalidUnion, at: string, got: string): string {
  if (issue.discriminator !== undefined) return `${at}unknown kind, ${got}`;
  // The union of `false` and a group of options: an object was meant as the group.
  const meant = typeof issue.input === 'object' ? issue.errors.at(-1) : undefined;
  if (meant === undefined) return `${at}expected false or an object of options, ${got}`;
  return meant.map((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] })).join('; ');
}
