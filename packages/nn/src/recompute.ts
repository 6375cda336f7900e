import { engine, type Tensor, tidy, type Variable, zerosLike } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.js';
import { Linear } from './linear.js';
import { type Module, namedModules } from './module.js';

/** A module that maps tokens to tokens of the same shape. */
export interface Block extends Module {
  /**
   * @param x `[B, S, dim]`
   * @param options.bias added to the attention logits, broadcastable to `[B, heads, S, S]`.
   * @returns `[B, S, dim]`
   */
  forward(x: Tensor, options?: { readonly bias?: Tensor }): Tensor;
}

export interface RunBlocksOptions {
  /** Added to the attention logits, broadcastable to `[B, heads, S, S]`. */
  readonly bias?: Tensor | undefined;
  /** Gradient checkpointing: the backward pass computes each block again. Default false. */
  readonly recompute?: boolean | undefined;
}

/**
 * Runs a stack of blocks.
 *
 * With `recompute`, the forward pass keeps only the input of each block, and the backward pass computes one block after
 * the other again (Chen et al., 2016, arXiv 1604.06174). So the most memory is that of one block and of `L` inputs
 * instead of `L` blocks, for one more forward pass. The gradients are the same, because the same operations run.
 *
 * @param tokens `[B, S, dim]`
 * @returns `[B, S, dim]`
 */
export function runBlocks(
  blocks: readonly Block[],
  tokens: Tensor,
  { bias, recompute: again = false }: RunBlocksOptions = {},
): Tensor {
  const biasOf = (bias: Tensor | undefined) => (bias === undefined ? {} : { bias });
  const constants = bias === undefined ? [] : [bias];
  return tidy(() => {
    let x = tokens;
    for (const block of blocks) {
      x = again
        ? recompute(x, learningVariables(block), (input, [again]) => block.forward(input, biasOf(again)), constants)
        : block.forward(x, biasOf(bias));
    }
    return x === tokens ? tokens.clone() : x;
  });
}

/**
 * Computes `forward(x, constants)` and keeps nothing but these for the backward pass, which computes it again.
 *
 * @param x any shape
 * @param variables all that `forward` reads and that learn. Others are constants to it.
 * @param forward a pure function of its arguments and the variables. Other tensors that it reads must live until the
 *   backward pass.
 * @param constants tensors that the caller may dispose after the forward pass, such as a bias. Default: none.
 */
export function recompute(
  x: Tensor,
  variables: readonly Variable[],
  forward: (x: Tensor, constants: readonly Tensor[]) => Tensor,
  constants: readonly Tensor[] = [],
): Tensor {
  const learning = variables as readonly Tensor[];
  const run = customGradient((inputs, save) => {
    save([inputs[0]!, ...constants]);
    return {
      value: forward(inputs[0]!, constants),
      gradients: (dy, [input, ...kept]) => innerGradients(() => forward(input!, kept), [input!, ...learning], dy),
    };
  });
  return run(x, ...learning);
}

/** Gradients inside a backward pass. The tape of the pass around it is put back, which TensorFlow.js would drop. */
function innerGradients(forward: () => Tensor, xs: Tensor[], dy: Tensor): Tensor[] {
  const { state } = engine();
  const { activeTape } = state;
  try {
    const { grads } = engine().gradients(forward, xs, dy, true);
    return grads.map((gradient, i) => gradient ?? zerosLike(xs[i]!));
  } finally {
    state.activeTape = activeTape!;
  }
}

/** The variables of a module that learn, those of low-rank updates included. */
function learningVariables(module: Module): Variable[] {
  const found = new Set(module.parameters.values());
  for (const inner of namedModules(module).values()) {
    if (inner instanceof Linear) for (const variable of inner.update?.parameters.values() ?? []) found.add(variable);
  }
  return [...found].filter(({ trainable }) => trainable);
}
