import {
  assertSeed,
  assertShape,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  LayerNorm,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  runBlocks,
  ShapeError,
  smallNormal,
  Transformer,
  type TransformerBlock,
  type TransformerOptions,
} from '@sifaka/nn';
import {
  add,
  concat,
  mean,
  ones,
  reshape,
  slice,
  type Tensor,
  tensor4d,
  tidy,
  tile,
  transpose,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type InputRows, pixelRows } from '../fine-tuning/input-rows.js';
import type { LayeredEncoder } from '../layered-encoder.js';
import type { EncodedTokens, Pixels } from '../token-encoder.js';
import { architectureOf } from './architecture-of.js';
import { AttentionPool, type AttentionPoolOptions } from './attention-pool.js';
import { ownedParts } from './owned-parts.js';
import { type PixelScale, scaledBytes, scaledPixels } from './pixel-scale.js';
import { PoolingHead, type PoolingHeadOptions } from './pooling-head.js';

/** Which vector stands for the whole image. */
export type ImagePool =
  /** The mean of all tokens. */
  | { readonly kind: 'mean' }
  /** The class token. */
  | { readonly kind: 'first' }
  | ({ readonly kind: 'attention' } & Omit<AttentionPoolOptions, 'dim' | 'seed'>);

export interface ImageTowerOptions {
  /** Name of the encoder, for messages. */
  readonly name: string;
  /** In pixels, a multiple of `patchSize`. */
  readonly height: number;
  /** In pixels, a multiple of `patchSize`. */
  readonly width: number;
  readonly patchSize: number;
  readonly scale: PixelScale;
  readonly dim: number;
  /** Whether the map of patches has a bias. Default true. */
  readonly patchBias?: boolean;
  /** Whether a learned token stands before the patches. Default false. */
  readonly classToken?: boolean;
  /** Learned tokens without positions after the class token, which {@link classToken} requires. Default 0. */
  readonly registers?: number;
  /** Epsilon of a layer norm before the first block. Default: there is none. */
  readonly preNorm?: number;
  readonly transformer: Omit<TransformerOptions, 'dim' | 'seed'>;
  readonly pool: ImagePool;
  /** What follows the pooled token. */
  readonly head?: Omit<PoolingHeadOptions, 'dim' | 'seed'>;
  readonly seed: number;
}

/** A vision transformer, in all the forms of our image encoder and of the published ones. */
export class ImageTower implements LayeredEncoder<Pixels> {
  readonly dim: number;
  readonly pooledDim: number;
  /** In pixels. */
  readonly height: number;
  /** In pixels. */
  readonly width: number;
  /** Tokens per image, with the class token and the registers. */
  readonly numTokens: number;
  readonly parameters: NamedParameters;
  readonly embedding: Module;
  readonly inputRows: InputRows<Pixels>;
  readonly architecture: string;
  readonly #options: ImageTowerOptions;
  readonly #patches: Linear;
  readonly #classToken: Variable | undefined;
  readonly #registers: Variable | undefined;
  readonly #positions: Variable;
  readonly #norm: LayerNorm | undefined;
  readonly #transformer: Transformer;
  readonly #pool: AttentionPool | undefined;
  readonly #head: PoolingHead | undefined;

  /** @throws RangeError naming the option that is out of range, or a side that patches do not fill. */
  constructor(options: ImageTowerOptions) {
    const { name, height, width, patchSize, dim, patchBias = true, classToken = false, registers = 0 } = options;
    const { transformer, preNorm, pool, head, seed } = options;
    const { depth, heads } = transformer;
    assertWhole(name, { height, width, patchSize, dim, depth, heads });
    assertWhole(name, { registers }, 0);
    assertSeed(name, seed);
    if (height % patchSize !== 0 || width % patchSize !== 0) {
      throw new RangeError(`${name}: expected multiples of patchSize ${patchSize}, got ${height} × ${width} pixels`);
    }
    this.#options = options;
    this.dim = dim;
    this.height = height;
    this.width = width;
    const patches = (height / patchSize) * (width / patchSize);
    const positions = patches + (classToken ? 1 : 0);
    this.numTokens = positions + registers;
    // First, because it throws if `heads` does not divide `dim`: nothing else needs disposal then.
    this.#transformer = new Transformer({ ...transformer, dim, seed: deriveSeed(seed, 'transformer') });
    this.#patches = new Linear({
      inputDim: patchSize * patchSize * 3,
      outputDim: dim,
      bias: patchBias,
      seed: deriveSeed(seed, 'patches'),
    });
    const table = (rows: number, path: string) => parameter(() => smallNormal([rows, dim], deriveSeed(seed, path)));
    this.#classToken = classToken ? table(1, 'classToken') : undefined;
    this.#registers = registers > 0 ? table(registers, 'registers') : undefined;
    this.#positions = table(positions, 'positions');
    this.#norm = preNorm === undefined ? undefined : new LayerNorm({ dim, epsilon: preNorm });
    this.#pool =
      pool.kind === 'attention' ? new AttentionPool({ ...pool, dim, seed: deriveSeed(seed, 'pool') }) : undefined;
    this.#head = head && new PoolingHead({ ...head, dim, seed: deriveSeed(seed, 'head') });
    this.pooledDim = this.#head?.pooledDim ?? dim;
    const embedding = {
      patches: this.#patches,
      classToken: this.#classToken,
      registers: this.#registers,
      positions: this.#positions,
      norm: this.#norm,
    };
    this.parameters = collectParameters({
      ...embedding,
      transformer: this.#transformer,
      pool: this.#pool,
      head: this.#head,
    });
    this.embedding = ownedParts(embedding);
    this.inputRows = pixelRows(height, width);
    this.architecture = architectureOf('image', options);
  }

  get blocks(): readonly TransformerBlock[] {
    return this.#transformer.blocks;
  }

  /** @throws `ShapeError` if the pixels are not whole images of this size. */
  forward(pixels: Pixels): EncodedTokens {
    return tidy(() => {
      return { ...this.finish(runBlocks(this.blocks, this.embed(pixels))) };
    });
  }

  assertInput(pixels: Pixels): void {
    const { name, height, width } = this.#options;
    if (!(pixels instanceof Uint8Array)) {
      if (pixels.shape.slice(1).join() === [height, width, 3].join()) return;
      throw new ShapeError(`${name}.forward: pixels`, `[B, ${height}, ${width}, 3]`, pixels.shape);
    }
    const perImage = height * width * 3;
    if (pixels.length % perImage === 0) return;
    const expected = `a multiple of ${height} × ${width} × 3 = ${perImage}`;
    throw new ShapeError(`${name}.forward: bytes`, expected, [pixels.length]);
  }

  embed(pixels: Pixels): Tensor {
    this.assertInput(pixels);
    const { height, width, patchSize: patch } = this.#options;
    return tidy(() => {
      const images = this.#scaled(pixels);
      const batch = images.shape[0]!;
      const grid = reshape(images, [batch, height / patch, patch, width / patch, patch * 3]);
      const cut = reshape(transpose(grid, [0, 1, 3, 2, 4]), [batch, -1, patch * patch * 3]); // [B, P, patch² · 3]
      const patches = this.#patches.forward(cut); // [B, P, D]
      const x = this.#classToken === undefined ? add(patches, this.#positions) : this.#withClassToken(patches);
      return this.#norm?.forward(x) ?? x;
    });
  }

  bias(): undefined {
    return undefined;
  }

  finish(states: Tensor): EncodedTokens {
    assertShape(`${this.#options.name}.finish`, states, ['B', this.numTokens, this.dim]);
    const batch = states.shape[0]!;
    return tidy(() => {
      const tokens = this.#transformer.norm?.forward(states) ?? states.clone(); // [B, S, D]
      const token = this.#pool?.forward(tokens) ?? this.#pooled(tokens); // [B, D]
      return { tokens, mask: ones([batch, this.numTokens]), pooled: this.#head?.forward(token) ?? token };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  /** The class token, the registers, and the patches, with positions. @returns `[B, S, D]` */
  #withClassToken(patches: Tensor): Tensor {
    const [batch, count] = patches.shape as [number, number, number];
    const positions = this.#positions as Tensor;
    const first = add(this.#classToken!, slice(positions, 0, 1)); // [1, D]
    const learned = this.#registers === undefined ? first : concat([first, this.#registers as Tensor]); // [1 + R, D]
    const repeated = tile(reshape(learned, [1, -1, this.dim]), [batch, 1, 1]);
    return concat([repeated, add(patches, slice(positions, 1, count))], 1);
  }

  /** @returns `[B, D]` */
  #pooled(tokens: Tensor): Tensor {
    if (this.#options.pool.kind === 'mean') return mean(tokens, 1);
    return reshape(slice(tokens, [0, 0, 0], [tokens.shape[0]!, 1, this.dim]), [-1, this.dim]);
  }

  /** @returns `[B, height, width, 3]` */
  #scaled(pixels: Pixels): Tensor {
    const { height, width, scale } = this.#options;
    if (!(pixels instanceof Uint8Array)) return scaledPixels(pixels, scale);
    return tensor4d(scaledBytes(pixels, scale), [pixels.length / (height * width * 3), height, width, 3]);
  }
}
