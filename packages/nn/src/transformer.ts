import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertNumber, assertSeed, assertWhole } from './assert-options.js';
import { activationOf } from './gelu-forms.js';
import { LayerNorm } from './layer-norm.js';
import { collectParameters, disposeParameters, type Module, type NamedParameters } from './module.js';
import { type RunBlocksOptions, runBlocks } from './recompute.js';
import { deriveSeed } from './seed.js';
import { assertBlockNorm, epsilonOf, TransformerBlock, type TransformerBlockOptions } from './transformer-block.js';

export interface TransformerOptions extends TransformerBlockOptions {
  /** Number of blocks. */
  readonly depth: number;
  /** Whether a layer norm follows the last block. Default: true for `pre`, false for `post`, which ends with one. */
  readonly finalNorm?: boolean;
}

/** A stack of transformer blocks, by default pre-norm (Xiong et al., 2020) with a final layer norm. */
export class Transformer implements Module {
  readonly blocks: readonly TransformerBlock[];
  /** The final layer norm, if there is one. */
  readonly norm: LayerNorm | undefined;
  readonly parameters: NamedParameters;

  /** @throws RangeError naming the option that is out of range, before a weight is created. */
  constructor({ depth, finalNorm, ...options }: TransformerOptions) {
    const { dim, heads, hiddenDim = 4 * dim, norm = { kind: 'pre' }, activation = 'gelu', layerScale, seed } = options;
    assertWhole('Transformer', { dim, depth, heads, hiddenDim });
    assertSeed('Transformer', seed);
    assertBlockNorm('Transformer', norm);
    if (layerScale !== undefined) assertNumber('Transformer', { layerScale });
    activationOf('Transformer', activation);
    this.blocks = Array.from(
      { length: depth },
      (_, i) => new TransformerBlock({ ...options, seed: deriveSeed(seed, 'blocks', i) }),
    );
    const hasNorm = finalNorm ?? norm.kind === 'pre';
    this.norm = hasNorm ? new LayerNorm({ dim, ...epsilonOf(norm) }) : undefined;
    this.parameters = collectParameters({ blocks: this.blocks, norm: this.norm });
  }

  /**
   * @param tokens `[B, S, dim]`
   * @param options.bias added to the attention logits, broadcastable to `[B, heads, S, S]`; see `paddingBias` and
   *   `causalBias`.
   * @returns `[B, S, dim]`
   */
  forward(tokens: Tensor, options: RunBlocksOptions = {}): Tensor {
    return tidy(() => {
      const x = runBlocks(this.blocks, tokens, options);
      return this.norm?.forward(x) ?? x;
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
