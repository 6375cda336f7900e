import { assertNumber } from './assert-options.js';
import type { Module, NamedParameters } from './module.js';

/** A stack of blocks with something below it. */
export interface LayeredModule {
  /** All weights, by path. */
  readonly parameters: NamedParameters;
  /** What comes before the blocks, such as word and position embeddings. */
  readonly embedding: Module;
  /** From the input to the output. */
  readonly blocks: readonly Module[];
}

/**
 * Layer-wise learning-rate decay: lower layers learn more slowly, by `decay^d` for a layer `d` layers below the top.
 * What comes after the blocks has `d = 0`, the last block 1, the first of `L` blocks `L`, and the embedding `L + 1`. So
 * ELECTRA (Clark et al., 2020) and BEiT (Bao et al., 2022) are fine-tuned; BEiT's base model has `decay = 0.65`.
 *
 * @param decay above 0, at most 1
 * @returns by path, what multiplies the learning rate: `learningRateScale` of a `ParameterGroup`.
 * @throws RangeError if `decay` is outside its range.
 */
export function layerwiseDecay(module: LayeredModule, decay: number): ReadonlyMap<string, number> {
  assertNumber('layerwiseDecay', { decay }, { above: true, to: 1 });
  const { parameters, embedding, blocks } = module;
  const depthOf = new Map([
    ...[...embedding.parameters.values()].map((variable) => [variable, blocks.length + 1] as const),
    ...blocks.flatMap((block, i) =>
      [...block.parameters.values()].map((variable) => [variable, blocks.length - i] as const),
    ),
  ]);
  return new Map([...parameters].map(([path, variable]) => [path, decay ** (depthOf.get(variable) ?? 0)]));
}
