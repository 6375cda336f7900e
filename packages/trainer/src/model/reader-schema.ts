import { z } from 'zod';
import { amount, group, positive } from './option-schema.js';
import type {
  DecoderOptions,
  DienReaderOptions,
  DinReaderOptions,
  LongerReaderOptions,
  MeanPoolingReaderOptions,
  ReaderOptions,
  SimReaderOptions,
} from './reader-options.js';

type Attention = DecoderOptions['attention'];
type Activation = NonNullable<DinReaderOptions['activation']>;
type Pooling = NonNullable<DinReaderOptions['pooling']>;
type Search = SimReaderOptions['search'];

/** Schema of {@link ReaderOptions}. */
export const reader: z.ZodType<ReaderOptions> = z.discriminatedUnion('kind', [
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
  group<MeanPoolingReaderOptions>()({ kind: z.literal('meanPooling') }),
  group<DinReaderOptions>()({
    kind: z.literal('din'),
    hiddenDims: z.array(positive).min(1).exactOptional(),
    activation: z
      .discriminatedUnion('kind', [
        group<Extract<Activation, { kind: 'prelu' }>>()({ kind: z.literal('prelu') }),
        group<Extract<Activation, { kind: 'dice' }>>()({ kind: z.literal('dice') }),
        group<Extract<Activation, { kind: 'sigmoid' }>>()({ kind: z.literal('sigmoid') }),
      ])
      .exactOptional(),
    pooling: z
      .discriminatedUnion('kind', [
        group<Extract<Pooling, { kind: 'sum' }>>()({ kind: z.literal('sum') }),
        group<Extract<Pooling, { kind: 'softmax' }>>()({ kind: z.literal('softmax') }),
      ])
      .exactOptional(),
  }),
  group<DienReaderOptions>()({ kind: z.literal('dien'), auxiliaryWeight: amount.exactOptional() }),
  group<SimReaderOptions>()({
    kind: z.literal('sim'),
    search: z.discriminatedUnion('kind', [
      group<Extract<Search, { kind: 'hard' }>>()({ kind: z.literal('hard') }),
      group<Extract<Search, { kind: 'soft' }>>()({ kind: z.literal('soft'), pooled: z.boolean().exactOptional() }),
    ]),
    top: positive.exactOptional(),
    heads: positive.exactOptional(),
  }),
]);

/** Attention heads of `Sim` if its options name none. */
const SIM_HEADS = 4;

/** The attention heads of a reader, which must divide its width, and where its options have them. */
export function headsOf(options: ReaderOptions): { readonly path: string[]; readonly heads: number } | undefined {
  if (options.kind === 'sim') return { path: ['heads'], heads: options.heads ?? SIM_HEADS };
  if (options.kind !== 'decoder' || options.attention.kind !== 'projected') return undefined;
  return { path: ['attention', 'heads'], heads: options.attention.heads };
}
