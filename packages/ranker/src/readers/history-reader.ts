import { assertShape, type Module, ShapeError } from '@sifaka/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { type FeatureGroups, type Features, featuresInOrder } from '../features/feature-groups.js';

/** Options that every {@link HistoryReader} has. */
export interface HistoryReaderOptions {
  /** Widths of the groups that the history is read for, such as user, item and query, by name. Their order matters. */
  readonly groups: FeatureGroups;
  /** `D`: width of the history's vectors. */
  readonly dim: number;
  readonly seed: number;
}

/** Inputs that every {@link HistoryReader} takes. Shapes: `B` batch, `L` history length, `D` width of its vectors. */
export interface HistoryReaderInputs {
  /** By group name, `[B, width]` each. Groups that the reader was not made for are ignored. */
  readonly features: Features;
  /** `[B, D]`: the candidate, in the space of the history's vectors. Readers that compare both need it. */
  readonly target: Tensor;
  /** `[B, L, D]`, most recent first. */
  readonly history: Tensor;
  /** `[B, L]`: 1 for an item, 0 for padding. */
  readonly mask: Tensor;
  /** `[B, L]`: 1 for an item that shares a category with the target, else 0. Only `Sim` with hard search needs it. */
  readonly sameCategory?: Tensor;
}

/** The inputs of a reader that asks with the features alone. */
export type UntargetedInputs = Omit<HistoryReaderInputs, 'target'>;

/** Options of a reader that asks with the target alone. */
export type TargetedReaderOptions = Omit<HistoryReaderOptions, 'groups'>;

/** The inputs of a reader that asks with the target alone. */
export type TargetedInputs = Omit<HistoryReaderInputs, 'features'>;

/** Reads a history into one vector per row: `HistoryDecoder`, `Longer`, `Din`, `Dien`, `Sim`, `MeanPooling`. */
export interface HistoryReader extends Module {
  /** Width of the vectors that `forward` returns. */
  readonly outputDim: number;
  /**
   * Reads as served. Padding changes nothing. An empty history gives a finite vector.
   *
   * @returns `[B, outputDim]`, owned by the caller. The inputs are borrowed.
   * @throws {@link ShapeError} naming the group or argument that is missing or has the wrong shape.
   */
  forward(inputs: HistoryReaderInputs): Tensor;
  /**
   * Reads as trained. Only readers with an auxiliary loss, or that train differently from how they serve, implement
   * this. Train the others with `forward`.
   */
  forwardTraining?(inputs: HistoryReaderInputs): HistoryReaderOutput;
}

/** Result of `forwardTraining`. The caller owns every tensor. */
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
 * @throws {@link ShapeError} naming the group or argument that is missing or has the wrong shape.
 */
export function assertReaderInputs(
  where: string,
  { groups, dim, maxLength }: Pick<HistoryReaderOptions, 'groups' | 'dim'> & { readonly maxLength?: number },
  { features, history, mask }: UntargetedInputs,
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

/**
 * Checks the inputs of a reader that asks with the target.
 *
 * @throws {@link ShapeError} naming the argument that has the wrong shape.
 */
export function assertTargetedInputs(where: string, dim: number, { target, history, mask }: TargetedInputs): void {
  assertShape(`${where}: target`, target, ['B', dim]);
  const batch = target.shape[0]!;
  assertShape(`${where}: history`, history, [batch, 'L', dim]);
  assertShape(`${where}: mask`, mask, [batch, history.shape[1]!]);
}
