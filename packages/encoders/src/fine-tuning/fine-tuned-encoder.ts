import {
  assertSeed,
  collectParameters,
  deriveSeed,
  exportParameters,
  LowRankAdapter,
  layerwiseDecay,
  type NamedParameters,
  runBlocks,
  type SafetensorsEntry,
  withoutTape,
} from '@sifaka/nn';
import { getBackend, type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { LayeredEncoder } from '../layered-encoder.js';
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
 * leave nothing on the device. It owns the encoder, and sets `trainable` of its weights.
 */
export class FineTunedEncoder<Input> implements TokenEncoder<Input> {
  readonly dim: number;
  readonly pooledDim: number;
  readonly encoder: LayeredEncoder<Input>;
  readonly training: EncoderTraining;
  /** What learns: weights by path, and low-rank updates as `lora.blocks.0.attention.query.down`. */
  readonly parameters: NamedParameters;
  /** The encoder's other weights, by path. */
  readonly frozenParameters: NamedParameters;
  /** By path of `parameters`: what multiplies the learning rate. */
  readonly learningRateScales: ReadonlyMap<string, number>;
  readonly cache: FrozenPrefixCache | undefined;
  /** Number of blocks below those that learn. */
  readonly #below: number;
  /** The weights of `embed` and of those blocks. */
  readonly #prefixWeights: NamedParameters;
  readonly #recompute: boolean;
  readonly #adapter: LowRankAdapter | undefined;

  /**
   * @throws RangeError listing the kinds, or the targets, if one is unknown; if there are fewer than `blocks` blocks,
   *   if `rank` is larger than a side of a weight, or if another option is outside its range. Nothing changes then.
   */
  constructor(encoder: LayeredEncoder<Input>, options: FineTunedEncoderOptions) {
    const { train = { kind: 'full' }, recompute = false, layerDecay = 1, cache, seed } = options;
    assertTraining('FineTunedEncoder', train, encoder as LayeredEncoder<never>);
    assertSeed('FineTunedEncoder', seed);
    const scales = layerwiseDecay(encoder, layerDecay);
    this.#adapter = train.kind === 'lora' ? adaptBlocks(encoder, train, deriveSeed(seed, 'lora')) : undefined;
    this.dim = encoder.dim;
    this.pooledDim = encoder.pooledDim;
    this.encoder = encoder;
    this.training = train;
    this.cache = cache;
    this.#recompute = recompute;
    this.#below = frozenBlocks(train, encoder.blocks.length);
    const prefix = prefixVariables(encoder, this.#below);
    const frozen = frozenVariables(encoder, train, prefix);
    const own = [...encoder.parameters];
    this.#prefixWeights = new Map(own.filter(([, variable]) => prefix.has(variable)));
    this.frozenParameters = new Map(own.filter(([, variable]) => frozen.has(variable)));
    this.parameters =
      this.#adapter === undefined
        ? new Map(own.filter(([, variable]) => !frozen.has(variable)))
        : collectParameters({ lora: { parameters: this.#adapter.parameters, dispose: () => {} } });
    this.learningRateScales = new Map([...this.parameters.keys()].map((path) => [path, scales.get(path) ?? 1]));
    for (const [, variable] of own) variable.trainable = !frozen.has(variable);
  }

  /** As the encoder's own. With a cache, padding tokens are zeros below the blocks that learn. */
  forward(input: Input): EncodedTokens {
    return tidy(() => {
      switch (this.training.kind) {
        case 'full':
          return this.#above(this.encoder.embed(input), input);
        case 'lora':
          return this.#above(
            withoutTape(() => this.encoder.embed(input)),
            input,
          );
        case 'top':
          return this.#above(this.#prefix(input), input);
        case 'frozen':
          return withoutTape(() => this.#above(this.#prefix(input), input));
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

  /** Disposes the encoder, and releases what the cache keeps. */
  dispose(): void {
    this.cache?.clear();
    if (this.#adapter !== undefined) this.#adapter.dispose();
    else this.encoder.dispose();
  }

  /** Runs the blocks above the frozen ones, and what follows them. @param states `[B, S′, dim]` */
  #above(states: Tensor, input: Input): EncodedTokens & Record<string, Tensor> {
    const { encoder } = this;
    const options = { bias: encoder.bias(input), recompute: this.#recompute };
    return { ...encoder.finish(runBlocks(encoder.blocks.slice(this.#below), states, options), input) };
  }

  /** Runs the frozen layers without a gradient, or reads what they computed. @returns `[B, S′, dim]` */
  #prefix(input: Input): Tensor {
    const { cache, encoder } = this;
    if (cache === undefined) return this.#runPrefix(input);
    encoder.assertInput(input);
    const keys = encoder.inputRows.keys(input);
    if (keys === undefined) return this.#runPrefix(input);
    const description = JSON.stringify({
      architecture: encoder.architecture,
      blocks: this.#below,
      engine: getBackend(),
    });
    cache.follow({ description, weights: this.#prefixWeights });
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
    const ofBatch = keys.map((key) => rows.get(key)!);
    return batchOf(ofBatch, this.dim, encoder.inputRows.padding(input)?.length);
  }

  #runPrefix(input: Input): Tensor {
    const { encoder } = this;
    return withoutTape(() =>
      runBlocks(encoder.blocks.slice(0, this.#below), encoder.embed(input), { bias: encoder.bias(input) }),
    );
  }

  /** @returns the states of each row, without padding. */
  #compute(input: Input): Float32Array[] {
    const states = this.#runPrefix(input);
    const [batch, length, width] = states.shape as [number, number, number];
    const values = states.dataSync() as Float32Array;
    states.dispose();
    const lengths = this.encoder.inputRows.padding(input)?.lengths;
    return Array.from({ length: batch }, (_, row) => {
      const start = row * length * width;
      return values.slice(start, start + (lengths?.[row] ?? length) * width);
    });
  }
}

/** Puts rows into a batch, with zeros after each. By default the longest decides. @returns `[B, length, width]` */
function batchOf(rows: readonly Float32Array[], width: number, length?: number): Tensor {
  const padded = length ?? rows.reduce((longest, row) => Math.max(longest, row.length / width), 1);
  const states = new Float32Array(rows.length * padded * width);
  rows.forEach((row, i) => {
    states.set(row, i * padded * width);
  });
  return tensor(states, [rows.length, padded, width]);
}

function adaptBlocks<Input>(
  encoder: LayeredEncoder<Input>,
  { rank, alpha = rank, targets = LORA_TARGETS }: Extract<EncoderTraining, { kind: 'lora' }>,
  seed: number,
): LowRankAdapter {
  return new LowRankAdapter(blocksOf(encoder), { rank, alpha, targets, seed });
}

/** The weights of `embed` and of the blocks below. */
function prefixVariables<Input>({ embedding, blocks }: LayeredEncoder<Input>, below: number): Set<Variable> {
  const layers = [embedding, ...blocks.slice(0, below)];
  return new Set(layers.flatMap((layer) => [...layer.parameters.values()]));
}

function frozenVariables<Input>(
  { parameters }: LayeredEncoder<Input>,
  { kind }: EncoderTraining,
  prefix: Set<Variable>,
): Set<Variable> {
  if (kind === 'full') return new Set();
  return kind === 'top' ? prefix : new Set(parameters.values());
}
