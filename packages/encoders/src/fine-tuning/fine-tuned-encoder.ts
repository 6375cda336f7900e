import {
  assertSeed,
  collectParameters,
  deriveSeed,
  exportParameters,
  LowRankAdapter,
  layerwiseDecay,
  type NamedParameters,
  type SafetensorsEntry,
  withoutTape,
} from '@sifaka/nn';
import { type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { HiddenTokens, LayeredEncoder } from '../layered-encoder.js';
import type { EncodedTokens, TokenEncoder } from '../token-encoder.js';
import { assertTraining, blocksOf, type EncoderTraining, frozenBlocks, LORA_TARGETS } from './encoder-training.js';
import type { FrozenPrefixCache } from './frozen-prefix-cache.js';

export interface FineTunedEncoderOptions {
  /** Default `{ kind: 'full' }`. */
  readonly train?: EncoderTraining;
  /** Gradient checkpointing: the backward pass computes each block that learns again. Default false. */
  readonly recompute?: boolean;
  /** Multiplies the learning rate by `layerDecay^d` for a layer `d` below the top; see `layerwiseDecay`. Default 1. */
  readonly layerDecay?: number;
  /** Keeps what frozen lower blocks computed of each input. Default: they run every time. */
  readonly cache?: FrozenPrefixCache | undefined;
  /** Of the low-rank updates. */
  readonly seed: number;
}

/**
 * An encoder of which some weights learn and the others are constants. Frozen lower layers run without a gradient and
 * leave nothing on the device. It owns the encoder, and sets `trainable` of what does not learn to false.
 */
export class FineTunedEncoder<Input> implements TokenEncoder<Input> {
  readonly dim: number;
  readonly encoder: LayeredEncoder<Input>;
  readonly training: EncoderTraining;
  /** What learns: weights by their path in the encoder, and low-rank updates as `lora.blocks.0.attention.query.down`. */
  readonly parameters: NamedParameters;
  /** The encoder's other weights, by path. */
  readonly frozenParameters: NamedParameters;
  /** By path of `parameters`: what multiplies the learning rate. */
  readonly learningRateScales: ReadonlyMap<string, number>;
  readonly cache: FrozenPrefixCache | undefined;
  /** Number of blocks below those that learn. */
  readonly #below: number;
  readonly #recompute: boolean;
  readonly #adapter: LowRankAdapter | undefined;

  /**
   * @throws RangeError listing the kinds, or the targets, if one is unknown; if there are fewer than `blocks` blocks, if
   *   `rank` is larger than a side of a weight, or if another option is outside its range. Nothing is changed then.
   */
  constructor(encoder: LayeredEncoder<Input>, options: FineTunedEncoderOptions) {
    const { train = { kind: 'full' }, recompute = false, layerDecay = 1, cache, seed } = options;
    assertTraining('FineTunedEncoder', train, encoder as LayeredEncoder<never>);
    assertSeed('FineTunedEncoder', seed);
    const scales = layerwiseDecay(encoder, layerDecay);
    this.#adapter = train.kind === 'lora' ? adaptBlocks(encoder, train, deriveSeed(seed, 'lora')) : undefined;
    this.dim = encoder.dim;
    this.encoder = encoder;
    this.training = train;
    this.cache = cache;
    this.#recompute = recompute;
    this.#below = frozenBlocks(train, encoder.blocks.length);
    const frozen = frozenVariables(encoder, train, this.#below);
    const own = [...encoder.parameters];
    this.frozenParameters = new Map(own.filter(([, variable]) => frozen.has(variable)));
    this.parameters =
      this.#adapter === undefined
        ? new Map(own.filter(([, variable]) => !frozen.has(variable)))
        : collectParameters({ lora: { parameters: this.#adapter.parameters, dispose: () => {} } });
    this.learningRateScales = new Map([...this.parameters.keys()].map((path) => [path, scales.get(path) ?? 1]));
    for (const variable of frozen) variable.trainable = false;
  }

  /** As the encoder's own. With a cache, padding tokens are zeros below the blocks that learn. */
  forward(input: Input): EncodedTokens {
    const { encoder } = this;
    const options = { recompute: this.#recompute };
    return tidy(() => {
      switch (this.training.kind) {
        case 'full':
          return tensorsOf(encoder.upper(encoder.lower(input, 0), 0, options));
        case 'lora':
          return tensorsOf(
            encoder.upper(
              withoutTape(() => tensorsOf(encoder.lower(input, 0))),
              0,
              options,
            ),
          );
        case 'top':
          return tensorsOf(encoder.upper(this.#prefix(input), this.#below, options));
        case 'frozen':
          return withoutTape(() => tensorsOf(encoder.upper(this.#prefix(input), this.#below)));
      }
    });
  }

  /** All weights as the encoder would have them if it had learned in full: low-rank updates are merged. */
  exportMerged(): Map<string, SafetensorsEntry> {
    this.#adapter?.merge();
    try {
      return exportParameters(this.encoder.parameters);
    } finally {
      this.#adapter?.unmerge();
    }
  }

  dispose(): void {
    if (this.#adapter !== undefined) this.#adapter.dispose();
    else this.encoder.dispose();
  }

  /** Runs the frozen layers, or reads what they computed. Without a tape. */
  #prefix(input: Input): HiddenTokens {
    const { cache, encoder } = this;
    const keys = cache && encoder.inputRows.keys(input);
    if (cache === undefined || keys === undefined) {
      return withoutTape(() => tensorsOf(encoder.lower(input, this.#below)));
    }
    cache.follow(this.frozenParameters);
    const rows = new Map<string, Float32Array>();
    const missing = new Map<string, number>(); // the first row with each content
    keys.forEach((key, row) => {
      if (rows.has(key) || missing.has(key)) return;
      const found = cache.read(key);
      if (found === undefined) missing.set(key, row);
      else rows.set(key, found);
    });
    if (missing.size > 0) {
      const computed = this.#compute(encoder.inputRows.select(input, [...missing.values()]));
      [...missing.keys()].forEach((key, i) => {
        rows.set(key, computed[i]!);
        cache.write(key, computed[i]!);
      });
    }
    return assemble(
      keys.map((key) => rows.get(key)!),
      this.dim,
      encoder.inputRows.length(input),
    );
  }

  /** @returns the tokens of each row, without padding. */
  #compute(input: Input): Float32Array[] {
    const { tokens, mask } = withoutTape(() => tensorsOf(this.encoder.lower(input, this.#below)));
    const [batch, length, width] = tokens.shape as [number, number, number];
    const [values, present] = [tokens.dataSync() as Float32Array, mask.dataSync() as Float32Array];
    for (const each of [tokens, mask]) each.dispose();
    return Array.from({ length: batch }, (_, row) => {
      let count = 0;
      while (count < length && present[row * length + count] === 1) count++;
      return values.slice(row * length * width, (row * length + count) * width);
    });
  }
}

/** Puts rows of tokens into a batch, with padding after each. */
function assemble(rows: readonly Float32Array[], width: number, length?: number): HiddenTokens {
  const padded = length ?? rows.reduce((longest, row) => Math.max(longest, row.length / width), 1);
  const tokens = new Float32Array(rows.length * padded * width);
  const mask = new Float32Array(rows.length * padded);
  rows.forEach((row, i) => {
    tokens.set(row, i * padded * width);
    mask.fill(1, i * padded, i * padded + row.length / width);
  });
  return { tokens: tensor(tokens, [rows.length, padded, width]), mask: tensor(mask, [rows.length, padded]) };
}

function adaptBlocks<Input>(
  encoder: LayeredEncoder<Input>,
  { rank, alpha = rank, targets = LORA_TARGETS }: Extract<EncoderTraining, { kind: 'lora' }>,
  seed: number,
): LowRankAdapter {
  return new LowRankAdapter(blocksOf(encoder), { rank, alpha, targets, seed });
}

function frozenVariables<Input>(
  { parameters, embedding, blocks }: LayeredEncoder<Input>,
  { kind }: EncoderTraining,
  below: number,
): Set<Variable> {
  if (kind === 'full') return new Set();
  if (kind !== 'top') return new Set(parameters.values());
  const layers = [embedding, ...blocks.slice(0, below)];
  return new Set(layers.flatMap((layer) => [...layer.parameters.values()]));
}

/** `tidy` accepts records of tensors, but not interfaces without an index signature. */
function tensorsOf<Tokens extends HiddenTokens>(tokens: Tokens): Tokens & Record<string, Tensor> {
  return tokens as Tokens & Record<string, Tensor>;
}
