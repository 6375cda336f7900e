import {
  type Evaluation,
  type MultimodalRanker,
  peakMemoryMiB,
  REPORT_SCHEMA,
  type Report,
  type TrainResult,
  trainingPlot,
} from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { baselineScores } from './baseline-scores.js';
import type { ModelRun } from './model-run.js';

/** The outcome of a run that reached its last step. */
export interface RunOutcome {
  readonly model: MultimodalRanker;
  readonly trained: TrainResult;
  readonly validation: Evaluation;
  readonly test: Evaluation;
  /** When the run began, in milliseconds of `performance.now()`. */
  readonly started: number;
}

/** The content of a run's `report.json`. */
export function runReport(
  { data, options, engine, steps, batchSize, selectBy = 'auc', patience, moreBaselines }: ModelRun,
  { model, trained, validation, test, started }: RunOutcome,
): Report {
  const { state } = trained;
  const last = state.validations.at(-1);
  return {
    schema: REPORT_SCHEMA,
    preset: options.preset,
    seed: options.seed,
    options,
    ...(Object.keys(model.encoderSources).length > 0 && { encoders: model.encoderSources }),
    engine: { name: engine.name, version: engine.version, device: engine.device },
    data: data.report,
    metrics: { validation: validation.all, test: test.all, testColdItems: test.cold },
    baselines: { ...mapValues(baselineScores(data), (scores) => scores.test), ...moreBaselines },
    bank: {
      items: model.bank.size,
      coverage: last?.coverage ?? null,
      stalenessCosine: last?.stalenessCosine ?? null,
      ageMedian: last?.bank?.age.median ?? null, // While it learned. Afterwards every vector is new.
      inspection: last?.bank ?? null,
    },
    training: {
      steps,
      batchSize,
      selectBy,
      patience: patience ?? null,
      lastStep: state.step,
      bestStep: state.best?.step ?? state.step,
      skippedSteps: state.skippedSteps,
      parameters: countWeights(model),
      losses: state.losses,
      validations: state.validations,
    },
    throughput: {
      samplesPerSecond: trained.samplesPerSecond,
      stepMs: trained.stepMs,
      peakMemoryMiB: peakMemoryMiB(),
    },
    cost: trained.rankingCost ?? null,
    wallSeconds: (performance.now() - started) / 1000,
  };
}

/** Loss, validation AUC and GAUC by step as an SVG, with the strongest baseline's AUC for reference. */
export function runPlot({ preset, seed, training: { losses, validations, bestStep } }: Report, data: Dataset): string {
  const baselines = Object.entries(mapValues(baselineScores(data), ({ validationAuc }) => validationAuc));
  const references = Object.fromEntries(baselines.sort(([, a], [, b]) => b - a).slice(0, 1));
  return trainingPlot({ title: `${preset}, seed ${seed}`, losses, validations, references, bestStep });
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, of: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}

function countWeights(model: MultimodalRanker): number {
  const weights = [...model.parameters.values(), ...model.frozenParameters.values()];
  const dense = weights.reduce((total, { size }) => total + size, 0);
  return dense + model.tables.users.values.length + model.tables.items.values.length;
}
