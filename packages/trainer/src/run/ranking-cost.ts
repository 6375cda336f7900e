import type { MultimodalRanker } from '../model/multimodal-ranker.js';
import type { StepResult } from '../model/step-result.js';

/** What ranking steps cost. The first stage of a two-stage run is not in it. */
export interface RankingCost {
  /** Mean milliseconds of a step. */
  readonly stepMs: number;
  /** Largest amount of tensor data that was alive at one time in a step; see {@link peakTensorBytes}. */
  readonly peakTensorMiB: number;
  /**
   * Number of weights that ranking steps train: all that had a gradient, and both id tables. Frozen weights do not
   * count.
   */
  readonly trainedParameters: number;
}

/** Measures the ranking steps of one process. */
export class RankingCostMeter {
  #steps = 0;
  #milliseconds = 0;
  #peakBytes = 0;
  #trainedWeights = 0;

  /** Adds a ranking step. @param peakBytes the most bytes of tensor data in it */
  add({ times, trainedWeights }: StepResult, peakBytes: number): void {
    this.#steps++;
    this.#milliseconds += times.total;
    this.#peakBytes = Math.max(this.#peakBytes, peakBytes);
    // A step that encodes nothing has no gradient of the encoders.
    this.#trainedWeights = Math.max(this.#trainedWeights, trainedWeights);
  }

  /** @returns undefined without a step. */
  read({ tables }: MultimodalRanker): RankingCost | undefined {
    if (this.#steps === 0) return undefined;
    return {
      stepMs: this.#milliseconds / this.#steps,
      peakTensorMiB: this.#peakBytes / 2 ** 20,
      trainedParameters: this.#trainedWeights + tables.users.values.length + tables.items.values.length,
    };
  }
}
