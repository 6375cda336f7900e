import { z } from 'zod';
import type {
  AutoIntHeadOptions,
  DcnV2HeadOptions,
  DeepFmHeadOptions,
  DlrmHeadOptions,
  FactorizationMachineHeadOptions,
  HeadOptions,
  MlpHeadOptions,
  RankMixerHeadOptions,
} from './head-options.js';
import { group, positive } from './option-schema.js';

type FeedForward = RankMixerHeadOptions['feedForward'];
type Cross = NonNullable<DcnV2HeadOptions['cross']>;

/** Schema of {@link HeadOptions}. */
export const head: z.ZodType<HeadOptions> = z.discriminatedUnion('kind', [
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
  group<FactorizationMachineHeadOptions>()({
    kind: z.literal('factorizationMachine'),
    factors: positive.exactOptional(),
  }),
  group<DeepFmHeadOptions>()({
    kind: z.literal('deepFm'),
    factors: positive.exactOptional(),
    hiddenDims: z.array(positive).min(1).exactOptional(),
  }),
  group<DlrmHeadOptions>()({
    kind: z.literal('dlrm'),
    factors: positive.exactOptional(),
    hiddenDims: z.array(positive).min(1).exactOptional(),
  }),
  group<DcnV2HeadOptions>()({
    kind: z.literal('dcnV2'),
    depth: positive.exactOptional(),
    cross: z
      .discriminatedUnion('kind', [
        group<Extract<Cross, { kind: 'full' }>>()({ kind: z.literal('full') }),
        group<Extract<Cross, { kind: 'lowRank' }>>()({ kind: z.literal('lowRank'), rank: positive, experts: positive }),
      ])
      .exactOptional(),
    structure: z.enum(['stacked', 'parallel']).exactOptional(),
    hiddenDims: z.array(positive).min(1).exactOptional(),
  }),
  group<AutoIntHeadOptions>()({
    kind: z.literal('autoInt'),
    dim: positive.exactOptional(),
    heads: positive.exactOptional(),
    headDim: positive.exactOptional(),
    depth: positive.exactOptional(),
  }),
]);
