import { assertShape, assertWhole, maskedMean, type NamedParameters } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { HistoryReader, HistoryReaderInputs, HistoryReaderOptions } from './history-reader.js';

export type MeanPoolingOptions = Pick<HistoryReaderOptions, 'dim'>;

/**
 * The mean of the history's vectors, `Σ_j m_j d_j / max(1, Σ_j m_j)`: the simplest reader, and the baseline of others.
 * It has no weights, and reads neither the features nor the target.
 *
 * Shapes: `B` batch, `L` history length, `D` width of the history's vectors.
 */
export class MeanPooling implements HistoryReader {
  /** `D` */
  readonly outputDim: number;
  /** Empty. */
  readonly parameters: NamedParameters = new Map();

  /** @throws RangeError if `dim` is not a whole number from 1. */
  constructor({ dim }: MeanPoolingOptions) {
    assertWhole('MeanPooling', { dim });
    this.outputDim = dim;
  }

  /**
   * An empty history reads as zeros.
   *
   * @returns `[B, D]`
   * @throws {@link ShapeError} naming the argument that has the wrong shape.
   */
  forward({ history, mask }: Pick<HistoryReaderInputs, 'history' | 'mask'>): Tensor {
    assertShape('MeanPooling.forward: history', history, ['B', 'L', this.outputDim]);
    assertShape('MeanPooling.forward: mask', mask, history.shape.slice(0, 2));
    return maskedMean(history, mask);
  }

  /** Does nothing, because there are no weights. */
  dispose(): void {}
}
