import { assertShape, type Module, ShapeError } from '@sifaka/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { type FeatureGroups, type Features, featuresInOrder } from '../features/feature-groups.js';

/** Options that every {@link HistoryReader} has. */
export interface HistoryReaderOptions {
  /** Groups of features that query the history, such as user, item and query: name → width, in the order that the reader uses. */
  readonly groups: FeatureGroups;
  /** `D`: width of the history's vectors. */
  readonly dim: number;
  readonly seed: number;
}

/** Shapes: `B` batch, `L` history length, `D` width of the history's vectors. */
export interface HistoryReaderInputs {
  /** By group name, `[B, width]` each. */
  readonly features: Features;
  /** `[B, L, D]`, most recent first. */
  readonly history: Tensor;
  /** `[B, L]`: 1 where there is an item, 0 where there is padding. */
  readonly mask: Tensor;
}

/** Reads a history into one vector per row. */
export interface HistoryReader extends Module {
  /** Width of the vectors that `forward` returns. */
  readonly outputDim: number;
  /**
   * Vectors as served. Padding changes nothing, and an empty history gives a finite vector.
   *
   * @returns `[B, outputDim]`
   * @throws {@link ShapeError} naming the group or argument that is missing or whose width, length or batch differs.
   */
  forward(inputs: HistoryReaderInputs): Tensor;
  /**
   * Vectors as trained. Only readers whose training differs from serving, or that have a loss of their own, implement it; the others
   * train with `forward`.
   */
  forwardTraining?(inputs: HistoryReaderInputs): HistoryReaderOutput;
}

/** The caller owns every tensor. */
export interface HistoryReaderOutput {
  /** `[B, outputDim]` */
  readonly vectors: Tensor;
  /** Added to the training loss. Absent if there is none. */
  readonly auxiliaryLoss?: Scalar;
}

/**
 * Checks the inputs of a reader against its options.
 *
 * @returns the features in the order of their groups, `[B, width]` each.
 * @throws {@link ShapeError} naming the group or argument that does not fit.
 */
export function assertReaderInputs(
  where: string,
  { groups, dim, maxLength }: Pick<HistoryReaderOptions, 'groups' | 'dim'> & { readonly maxLength?: number },
  { features, history, mask }: HistoryReaderInputs,
): Tensor[] {
  const ordered = featuresInOrder(where, groups, features);
  const expected = [ordered[0]!.shape[0]!, maxLength === undefined ? 'L' : `L ≤ ${maxLength}`, dim];
  assertShape(`${where}: history`, history, expected);
  const [batch, length] = history.shape as [number, number, number];
  if (maxLength !== undefined && length > maxLength) {
    throw new ShapeError(`${where}: history`, `[${expected.join(', ')}]`, history.shape);
  }
  assertShape(`${where}: mask`, mask, [batch, length]);
  return ordered;
}
