import {
  assertNumber,
  assertWhole,
  collectParameters,
  type Module,
  quoted,
  targetPaths,
  unknownTarget,
} from '@sifaka/nn';
import type { LayeredEncoder } from '../layered-encoder.js';

/** Which weights of an encoder learn. */
export type EncoderTraining =
  /** All. */
  | { readonly kind: 'full' }
  /** None. */
  | { readonly kind: 'frozen' }
  /** The last `blocks` blocks, from 1 to all, and what follows the blocks. */
  | { readonly kind: 'top'; readonly blocks: number }
  /**
   * Low-rank updates of weights in the blocks (LoRA, arXiv 2106.09685); see `LowRankAdapter` of @sifaka/nn. `alpha` is
   * `rank` by default. `targets` are ends of paths in a block, by default `query` and `value`, as in the paper.
   */
  | {
      readonly kind: 'lora';
      readonly rank: number;
      readonly alpha?: number;
      readonly targets?: readonly string[];
    };

/** The names of `EncoderTraining`. */
export const ENCODER_TRAININGS: readonly EncoderTraining['kind'][] = ['full', 'frozen', 'top', 'lora'];

export const LORA_TARGETS: readonly string[] = ['query', 'value'];

/** How many blocks from the input on do not learn. With LoRA none is frozen as a whole. */
export function frozenBlocks(training: EncoderTraining, depth: number): number {
  switch (training.kind) {
    case 'full':
    case 'lora':
      return 0;
    case 'frozen':
      return depth;
    case 'top':
      return depth - training.blocks;
  }
}

/** @throws RangeError naming what is wrong, with the kinds if the kind is. */
export function assertTraining(where: string, training: EncoderTraining, encoder: LayeredEncoder<never>): void {
  if (!ENCODER_TRAININGS.includes(training.kind)) {
    const kinds = ENCODER_TRAININGS.map((kind) => `'${kind}'`).join(', ');
    throw new RangeError(`${where}: expected a kind of training among ${kinds}, got ${String(training.kind)}`);
  }
  if (training.kind === 'top') {
    assertWhole(where, { blocks: training.blocks });
    const depth = encoder.blocks.length;
    if (training.blocks > depth) {
      throw new RangeError(`${where}: expected blocks to be at most the depth ${depth}, got ${training.blocks}`);
    }
  }
  if (training.kind !== 'lora') return;
  const { targets = LORA_TARGETS, rank, alpha = rank } = training;
  assertWhole(where, { rank });
  assertNumber(where, { alpha }, { above: true });
  const paths = targetPaths(blocksOf(encoder));
  const unknown = unknownTarget(paths, targets);
  if (unknown === undefined && targets.length > 0) return;
  const inBlock = new Set(paths.map((path) => `'${path.replace(/^blocks\.\d+\./, '')}'`));
  throw new RangeError(
    `${where}: expected targets among ${[...inBlock].join(', ')} in ${encoder.blocks.length} blocks, or ends of these ` +
      `names, got ${unknown === undefined ? 'none' : `'${quoted(unknown)}'`}`,
  );
}

/** The blocks as one module, which owns the encoder. */
export function blocksOf<Input>(encoder: LayeredEncoder<Input>): Module {
  return { parameters: collectParameters({ blocks: encoder.blocks }), dispose: () => encoder.dispose() };
}
