import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Batch, BatchPlan, type Samples, type Split, type Statistics } from '@sifaka/data';
import { warmupCosine } from '@sifaka/nn';
import { assertFiniteWeights } from '../model/finite-weights.js';
import { exportWeights, importWeights } from '../model/model-weights.js';
import type { RankerOptions } from '../model/options.js';
import { historiesOf } from '../model/sequences.js';
import { readStatistics } from '../model/statistics-features.js';
import type { StepResult } from '../model/step-result.js';
import type { TrainingStep } from '../model/training-step.js';
import { checkTrainOptions } from './check-train-options.js';
import { type CheckpointOptions, listCheckpoints, saveCheckpoint } from './checkpoint.js';
import { exportMoments, importMoments } from './optimizer-moments.js';
import { peakTensorBytes } from './peak-tensor-bytes.js';
import { type RankingCost, RankingCostMeter } from './ranking-cost.js';
import { type BestState, type RunState, START, type ValidationPoint } from './run-state.js';
import { RunningMeans } from './running-means.js';
import { isBetter, isExhausted, type SelectionMetric } from './selection.js';
import { trainedIds } from './trained-ids.js';
import { explainStep, TrainingError, tooManySkipped } from './training-error.js';
import { validate } from './validate.js';

export interface TrainOptions {
  readonly samples: Samples;
  readonly split: Split;
  /** Of all samples. A model with `statistics` in its options needs them. */
  readonly statistics?: Statistics;
  /** By item id: 1 for a cold item, which has no event in train. */
  readonly cold: Uint8Array;
  /** Total number of steps, contrastive pretraining included. With `patience`: at most that many. */
  readonly steps: number;
  /** Samples per step. A continued run must have the same. Default 256. */
  readonly batchSize?: number;
  /** Number of steps between validations. The last step always has one. Default: an eighth of all steps. */
  readonly evaluateEvery?: number;
  /** Which figure of the validations chooses the best weights. A continued run must have the same. Default `'auc'`. */
  readonly selectBy?: SelectionMetric;
  /**
   * Ends the run after this many validations in a row that are not better than the best one. A run that ended so does
   * not go on when it is continued, unless with more patience. Default: all steps are taken.
   */
  readonly patience?: number;
  /** Number of steps between checkpoints. Default: one at the end or when the run is interrupted. */
  readonly checkpointEvery?: number;
  /** Default: no checkpoints are written. */
  readonly checkpoints?: CheckpointOptions;
  /**
   * Ends the run with a {@link TrainingError} if this many steps in a row are skipped because their loss or gradient is
   * not finite. Default 20.
   */
  readonly maxSkippedSteps?: number;
  /** State to continue from; see {@link loadCheckpoint}. */
  readonly from?: RunState;
  /** Ends the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: StepProgress) => void;
  readonly onValidation?: (point: ValidationPoint) => void;
}

export interface StepProgress {
  /** Number of finished steps. */
  readonly step: number;
  /** Total number of steps. */
  readonly steps: number;
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
  readonly result: StepResult;
}

export interface TrainResult {
  readonly state: RunState;
  /** True after the last step, or if patience ended the run. False if the signal ended it. */
  readonly finished: boolean;
  /** The last checkpoint. Undefined if none was written. */
  readonly checkpoint: string | undefined;
  readonly samplesPerSecond: number;
  /** Mean milliseconds of a step of this process, by phase. */
  readonly stepMs: Readonly<Record<string, number>>;
  /** Of the ranking steps of this process. Undefined: it took none. */
  readonly rankingCost: RankingCost | undefined;
}

const LOSS_POINT_STEPS = 10;

/**
 * Trains a model. A finished run leaves it with the weights of its best validation, the optimizers' moments of the same
 * step, and vectors of these weights for every item in the bank. The model can then serve or go on learning; see
 * {@link prepareToServe} for items that were not trained on. Batch, random draws and learning rates are functions of
 * the step, so a resumed run gives the numbers of one that was never interrupted.
 *
 * @throws RangeError for an invalid option, or samples that do not fit the model; LabelError for a train part of one
 * class; {@link CheckpointError} if a checkpoint cannot be written.
 * @throws {@link TrainingError} naming the step and the newest checkpoint if the engine fails or the model diverges. A
 * checkpoint never holds weights that are not finite.
 */
export async function train(training: TrainingStep, options: TrainOptions): Promise<TrainResult> {
  const { model } = training;
  const { samples, split, statistics, steps, batchSize = 256, checkpoints, signal } = options;
  const { evaluateEvery = Math.max(1, Math.ceil(steps / 8)), checkpointEvery = Number.POSITIVE_INFINITY } = options;
  const { maxSkippedSteps = 20, selectBy = 'auc', patience = Number.POSITIVE_INFINITY } = options;
  const checked = { batchSize, evaluateEvery, checkpointEvery, maxSkippedSteps, selectBy, patience };
  checkTrainOptions(model, { ...options, ...checked });
  model.trainedIds = trainedIds(samples);
  model.trainedAsOf = samples.historyAsOf;
  const { pretrainSteps, seed, trainEncoders } = model.options;
  const histories = historiesOf(model.options);
  const plan = new BatchPlan({
    samples,
    indices: split.train,
    batchSize,
    histories,
    ...readStatistics('train', model, statistics),
    seed,
  });
  const rateOf = learningRates(model.options, steps);

  let state = options.from ?? START;
  const means = new RunningMeans(state.sums);
  const times = new RunningMeans();
  const cost = new RankingCostMeter();
  let trainingSeconds = state.trainingSeconds;
  let checkpoint: string | undefined;
  let savedAt: number | undefined;
  let skippedInARow = 0;
  const present = (): RunState => ({ ...state, batchSize, sums: means.sums, trainingSeconds });
  const newest = async () => checkpoints && (await listCheckpoints(checkpoints.folder))[0];
  const save = async () => {
    if (checkpoints === undefined || savedAt === state.step) return;
    await onEngine(state.step, () => assertFiniteWeights('the weights to save', model));
    checkpoint = await saveCheckpoint(training, present(), checkpoints).catch(async (error: unknown) => {
      throw await explainStep(error, state.step, newest);
    });
    savedAt = state.step;
  };
  const onEngine = async <Result>(step: number, work: () => Result): Promise<Result> => {
    try {
      return work();
    } catch (error) {
      throw await explainStep(error, step, newest);
    }
  };

  const isFinished = () => state.step >= steps || isExhausted(state, patience);
  while (!isFinished() && !signal?.aborted) {
    const { step } = state;
    await onEngine(step + 1, () => {
      if (step === pretrainSteps && !trainEncoders) model.freezeEncoders(trainItems(samples, split), step);
      if (step === 0 && model.options.sampling.warmUp) model.warmUp(trainItems(samples, split), step);
    });
    const batch: Batch = plan.batch(step);
    const started = performance.now();
    const at = { step, rate: rateOf(step) };
    const ranks = step >= pretrainSteps;
    const { result, peakBytes } = await onEngine(step + 1, () =>
      peakTensorBytes(() => (ranks ? training.run(batch, at) : training.runContrast(batch, at))),
    );
    trainingSeconds += (performance.now() - started) / 1000;
    collect(means, times, result);
    if (ranks) cost.add(result, peakBytes);
    skippedInARow = result.skipped ? skippedInARow + 1 : 0;
    if (result.skipped) await onEngine(step + 1, () => assertFiniteWeights('the weights', model, result.loss));
    if (skippedInARow >= maxSkippedSteps) {
      throw new TrainingError(step + 1, tooManySkipped(skippedInARow, result.loss), await newest());
    }

    const done = step + 1;
    state = { ...state, step: done, skippedSteps: state.skippedSteps + (result.skipped ? 1 : 0) };
    if (done % LOSS_POINT_STEPS === 0) {
      const point = { step: done, ranking: means.take('ranking'), contrast: means.take('contrast') };
      state = { ...state, losses: [...state.losses, point] };
    }
    options.onStep?.({
      step: done,
      steps,
      samplesPerSecond: (done * batchSize) / trainingSeconds,
      secondsLeft: ((steps - done) * trainingSeconds) / done,
      result,
    });
    await nextTurn(); // Signals and the terminal are handled here.

    if (done > pretrainSteps && (done % evaluateEvery === 0 || done === steps)) {
      const point = await onEngine(done, () => validate(model, options, done, means));
      // A validation part with a single class has no AUC, so it cannot be the best.
      const isBest = isBetter(point, selectBy, state.best);
      const best = isBest ? await onEngine(done, () => exportBest(training, point, selectBy)) : state.best;
      state = { ...state, validations: [...state.validations, point], best };
      options.onValidation?.(point);
    }
    if (done % checkpointEvery === 0) await save();
  }

  await save();
  const finished = isFinished();
  if (finished) await onEngine(state.step, () => restoreBest(training, state));
  return {
    state: present(),
    finished,
    checkpoint,
    samplesPerSecond: (state.step * batchSize) / trainingSeconds,
    stepMs: Object.fromEntries(STEP_PARTS.map((part) => [part, times.peek(part) ?? 0])),
    rankingCost: cost.read(model),
  };
}

/** Copies the weights and moments of the best validation so far to the host. */
function exportBest(training: TrainingStep, point: ValidationPoint, metric: SelectionMetric): BestState {
  const { step, [metric]: value } = point;
  return { step, metric, value, weights: exportWeights(training.model), moments: exportMoments(training) };
}

/** Gives a model its best weights and moments, and the bank the vectors of these weights. */
function restoreBest(training: TrainingStep, { step, best }: RunState): void {
  const { model } = training;
  if (best !== undefined && best.step !== step) {
    importWeights(model, best.weights);
    importMoments(training, best.moments);
  }
  if (model.options.trainEncoders) model.refreshBank(step);
}

const STEP_PARTS = ['total', 'prepare', 'encode', 'rank', 'backward', 'update', 'write'] as const;

/** Warm-up and cosine decay, separately for pretraining and joint training. */
function learningRates({ pretrainSteps, optimizer }: RankerOptions, steps: number): (step: number) => number {
  const stage = (length: number) =>
    warmupCosine({ peak: 1, warmupSteps: Math.min(optimizer.warmupSteps, length), totalSteps: length });
  const contrast = stage(pretrainSteps);
  const joint = stage(steps - pretrainSteps);
  return (step) => (step < pretrainSteps ? contrast(step) : joint(step - pretrainSteps));
}

function collect(means: RunningMeans, times: RunningMeans, result: StepResult): void {
  for (const name of ['ranking', 'contrast', 'stalenessCosine', 'historyFound', 'historyMissing'] as const) {
    means.add(name, result[name]);
  }
  for (const part of STEP_PARTS) times.add(part, result.times[part]);
}

function trainItems(samples: Samples, split: Split): Int32Array {
  return Int32Array.from(new Set(Array.from(split.train, (sample) => samples.items[sample]!)));
}
