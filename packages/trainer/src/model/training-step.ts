import type { Batch } from '@sifaka/data';
import { binaryCrossEntropy, decorrelation } from '@sifaka/losses';
import { type FreshVectors, stalest } from '@sifaka/memory-bank';
import { AdamW, deriveSeed, seededRandom } from '@sifaka/nn';
import { concat, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { borrowRows, disposeRows, hideIds, idsOf, updateRows } from './batch-rows.js';
import { type DrawnCandidates, drawCandidates } from './candidate-sampling.js';
import { distinct } from './candidate-vectors.js';
import { clip } from './clip.js';
import {
  type DifferentiatedPass,
  differentiate,
  disposeGradients,
  disposePass,
  type StepGradients,
  takeNumber,
} from './differentiate.js';
import { assertFinite } from './divergence-error.js';
import { encoderGroups } from './encoder-groups.js';
import type { MultimodalRanker } from './multimodal-ranker.js';
import { type SequenceCounts, sequenceCounts } from './sequence-vectors.js';
import { contentIdContrastOf, contrastOf, contrastStageLoss, jointLoss } from './step-losses.js';
import { assertStep, type StepOptions, type StepResult } from './step-result.js';
import { Stopwatch } from './stopwatch.js';

/**
 * Trains a {@link MultimodalRanker} step by step. It holds the optimizers, so a model that only serves has none.
 *
 * Shapes: `B` batch, `U` distinct candidates, `E` encoded ones, `L` sequence length, `D` item vector width.
 */
export class TrainingStep {
  readonly model: MultimodalRanker;
  readonly encoderOptimizer: AdamW;
  readonly rankerOptimizer: AdamW;

  constructor(model: MultimodalRanker) {
    const { weightDecay } = model.options.optimizer;
    this.model = model;
    this.encoderOptimizer = new AdamW(model.encoderParameters, { weightDecay, group: encoderGroups(model) });
    this.rankerOptimizer = new AdamW(model.rankerParameters, { weightDecay });
  }

  /**
   * One step of LEMUR (§3): encode a sample of the candidates, rank every row, learn from both losses, write the bank.
   *
   * @throws RangeError for an invalid batch; see {@link MultimodalRanker.assertBatch}.
   * @throws {@link DivergenceError} if the loss is finite and item vectors are not.
   */
  run(batch: Batch, { step, rate = 1 }: StepOptions): StepResult {
    const { model } = this;
    const { options, bank, tables } = model;
    assertStep('TrainingStep.run', step, rate);
    model.assertBatch('TrainingStep.run', batch);
    const watch = new Stopwatch();
    const random = seededRandom(deriveSeed(options.seed, 'step', step));
    const contentIdSeed = deriveSeed(options.seed, 'contentId', step);
    const encoding = options.content !== undefined && options.trainEncoders;

    const candidates = distinct(batch.items); // U ids for B rows
    const drawn = encoding ? this.#draw(candidates, step, random) : NOTHING_DRAWN;
    const rows = borrowRows(tables, hideIds(idsOf(batch, model.sequences), options, random), { training: true });
    watch.lap('prepare');
    let refreshed: Tensor | undefined;
    let pass: DifferentiatedPass | undefined;
    try {
      refreshed = this.#encodeRefreshed(drawn); // outside the tape
      watch.lap('encode');

      const weights = encoding ? model.parameters : model.rankerParameters;
      const differentiated = differentiate(weights, rows, () => {
        const fresh = this.#encodeFresh(drawn, refreshed); // [E, D]
        const vectors = model.readCandidates(batch, candidates, bank, fresh); // items [U, D], queries [B, D]
        watch.lap('encode');
        const contrast = encoding && options.sqdc.weight > 0 ? contrastOf(model, batch, vectors!) : undefined;
        const spread = encoding && options.decorrelation.weight > 0 ? decorrelation(vectors!.items) : undefined;
        const sequences = model.readSequences(batch, bank, { fresh, encoding }); // [B, L, D], with the dedup join
        const content = vectors && { ...vectors, sequences };
        const { logits, auxiliaryLoss, activeShare } = model.forward(batch, rows, content, 'training'); // [B]
        const ranking = binaryCrossEntropy(logits, tensor1d(batch.labels));
        const contentId = vectors && contentIdContrastOf(model, batch, rows, candidates, vectors, contentIdSeed);
        watch.lap('rank');
        const losses = { ranking, contrast, contentId, decorrelation: spread, auxiliary: auxiliaryLoss };
        return {
          total: jointLoss(losses, options),
          kept: { ranking, contrast, contentId, activeShare, fresh: fresh?.vectors },
          counts: sequenceCounts(sequences),
        };
      });
      pass = differentiated;
      const { loss, result, gradients } = differentiated;
      const trainedWeights = countWeights(gradients);
      watch.lap('backward');

      const { gradientNorm, gradientScale, skipped } = clip(loss, gradients, options.optimizer.clipNorm);
      if (!skipped) {
        const { learningRate, tableLearningRate, tableWeightDecay: weightDecay } = options.optimizer;
        if (encoding) this.#updateEncoders(gradients, rate, gradientScale);
        this.rankerOptimizer.apply(gradients.dense, { learningRate: learningRate * rate, gradientScale });
        const settings = { learningRate: tableLearningRate * rate, weightDecay, gradientScale };
        updateRows(tables, rows, gradients.rows, settings);
      }
      disposeGradients(gradients);
      watch.lap('update');

      const { ranking, contrast, contentId, activeShare, fresh } = result.kept;
      const losses = {
        ranking: takeNumber(ranking),
        contrast: takeNumber(contrast),
        contentId: takeNumber(contentId),
        activeExperts: takeNumber(activeShare),
      };
      const stalenessCosine = this.#writeBank(drawn, fresh, { step, loss, skipped });
      watch.lap('write');
      const measured = { loss, gradientNorm, skipped, trainedWeights, stalenessCosine, times: watch.times() };
      return { ...measured, ...losses, ...counted(candidates, drawn, result.counts) };
    } finally {
      // Even if a part of the step throws.
      disposeRows(rows);
      refreshed?.dispose();
      if (pass !== undefined) disposePass(pass);
    }
  }

  /**
   * One step of SQDC and decorrelation, the first stage of two-stage training: encoders learn, the ranker and the id
   * tables do not.
   *
   * @throws RangeError as {@link run}, or for an id-only model or one without a query tower.
   */
  runContrast(batch: Batch, { step, rate = 1 }: StepOptions): StepResult {
    const { model } = this;
    const { options, bank } = model;
    if (options.content === undefined) {
      throw new RangeError('TrainingStep.runContrast: expected a model with content, got an id-only one');
    }
    if (options.content.query === 'none') {
      throw new RangeError("TrainingStep.runContrast: expected a model with queries, got content.query 'none'");
    }
    assertStep('TrainingStep.runContrast', step, rate);
    model.assertBatch('TrainingStep.runContrast', batch);
    const watch = new Stopwatch();
    const random = seededRandom(deriveSeed(options.seed, 'step', step));

    const candidates = distinct(batch.items); // U ids for B rows
    const drawn = this.#draw(candidates, step, random);
    watch.lap('prepare');
    const refreshed = this.#encodeRefreshed(drawn);
    let pass: DifferentiatedPass | undefined;
    try {
      const differentiated = differentiate(model.encoderParameters, undefined, () => {
        const fresh = this.#encodeFresh(drawn, refreshed); // [E, D]
        const vectors = model.readCandidates(batch, candidates, bank, fresh)!;
        watch.lap('encode');
        const contrast = contrastOf(model, batch, vectors);
        const total = contrastStageLoss(contrast, vectors, options);
        watch.lap('rank');
        return { total, kept: { contrast, fresh: fresh?.vectors } };
      });
      pass = differentiated;
      const { loss, result, gradients } = differentiated;
      const trainedWeights = countWeights(gradients);
      watch.lap('backward');

      const { gradientNorm, gradientScale, skipped } = clip(loss, gradients, options.optimizer.clipNorm);
      if (!skipped) this.#updateEncoders(gradients, rate, gradientScale);
      disposeGradients(gradients);
      watch.lap('update');

      const contrast = takeNumber(result.kept.contrast);
      const stalenessCosine = this.#writeBank(drawn, result.kept.fresh, { step, loss, skipped });
      watch.lap('write');
      const measured = { loss, gradientNorm, skipped, trainedWeights, stalenessCosine, times: watch.times() };
      const losses = { ranking: Number.NaN, contrast, contentId: Number.NaN, activeExperts: Number.NaN };
      return { ...measured, ...losses, ...counted(candidates, drawn, NOTHING_READ) };
    } finally {
      refreshed?.dispose();
      if (pass !== undefined) disposePass(pass);
    }
  }

  dispose(): void {
    this.encoderOptimizer.dispose();
    this.rankerOptimizer.dispose();
  }

  /** Draws the candidates to encode, and adds the stalest items to those that are refreshed. */
  #draw(candidates: Int32Array, step: number, random: () => number): DrawnCandidates {
    const { bank, options } = this.model;
    const { learning, refreshing } = drawCandidates(candidates, bank, options.sampling, random);
    const { refreshBudget = 0 } = options.sampling;
    if (refreshBudget === 0) return { learning, refreshing };
    const drawn = new Set([...learning, ...refreshing]);
    const stale = stalest({ bank, step, budget: refreshBudget }).filter((item) => !drawn.has(item));
    return { learning, refreshing: Int32Array.from([...refreshing, ...stale]) };
  }

  #encodeRefreshed({ refreshing }: DrawnCandidates): Tensor | undefined {
    return refreshing.length > 0 ? this.model.encodeTensor(refreshing) : undefined;
  }

  /** Encodes the learning candidates on the tape and appends the refreshed ones, which are constants. */
  #encodeFresh({ learning, refreshing }: DrawnCandidates, refreshed: Tensor | undefined): FreshVectors | undefined {
    const parts = [
      ...(learning.length > 0 ? [this.model.encodeTensor(learning)] : []),
      ...(refreshed ? [refreshed] : []),
    ];
    if (parts.length === 0) return undefined;
    return { ids: Int32Array.from([...learning, ...refreshing]), vectors: concat(parts, 0) };
  }

  #updateEncoders({ dense }: StepGradients, rate: number, gradientScale: number): void {
    const learningRate = this.model.options.optimizer.encoderLearningRate * rate;
    this.encoderOptimizer.apply(dense, { learningRate, gradientScale });
  }

  /**
   * Writes the fresh vectors and disposes them. A skipped step writes none.
   *
   * @returns the mean cosine of replaced vectors with their successors
   * @throws {@link DivergenceError} if the vectors are not finite.
   */
  #writeBank(
    { learning, refreshing }: DrawnCandidates,
    vectors: Tensor | undefined,
    { step, loss, skipped }: { readonly step: number; readonly loss: number; readonly skipped: boolean },
  ): number {
    const values = vectors?.dataSync() as Float32Array | undefined;
    vectors?.dispose();
    if (skipped || values === undefined) return Number.NaN;
    assertFinite(`step ${step + 1}`, 'item vectors', values, loss);
    const ids = Int32Array.from([...learning, ...refreshing]);
    const { bank, options } = this.model;
    return bank.write(ids, values, step, { comparedDim: options.dim }).stalenessCosine; // Not the tokens beside it.
  }
}

const NOTHING_DRAWN: DrawnCandidates = { learning: new Int32Array(0), refreshing: new Int32Array(0) };

const NOTHING_READ: SequenceCounts = { fresh: 0, stored: 0, missing: 0 };

function countWeights({ dense }: StepGradients): number {
  return [...dense.values()].reduce((total, { size }) => total + size, 0);
}

function counted(candidates: Int32Array, { learning, refreshing }: DrawnCandidates, read: SequenceCounts) {
  return {
    candidates: candidates.length,
    learned: learning.length,
    refreshed: refreshing.length,
    historyFound: read.fresh + read.stored,
    historyMissing: read.missing,
  };
}
