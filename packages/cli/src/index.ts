export { readOptions } from './arguments/read-options.js';
export { readList, readOneOf, readWholeNumber } from './arguments/read-values.js';
export { type AblateOptions, ablate } from './compare/ablate.js';
export { type AblatedModel, type AblateModelsOptions, ablateModels } from './compare/ablate-models.js';
export type { AblationRow } from './compare/ablation-row.js';
export { type BootstrapDifferenceOptions, bootstrapDifference } from './compare/bootstrap-difference.js';
export { type CompareModelsOptions, type Contender, compareModels } from './compare/compare-models.js';
export { printBaselines } from './compare/print-baselines.js';
export { type TableMetric, tableMetrics } from './compare/table-metric.js';
export { type AssembleDatasetOptions, assembleDataset } from './dataset/assemble-dataset.js';
export type { DataReport, Dataset } from './dataset/dataset.js';
export { shortHash } from './dataset/fingerprint.js';
export { statisticsOptions } from './dataset/statistics-options.js';
export { withControl } from './dataset/with-control.js';
export { fixableMessage } from './errors/fixable-message.js';
export { UsageError } from './errors/usage-error.js';
export { type BaselineScores, baselineScores } from './run/baseline-scores.js';
export type { FinishedRun } from './run/finished-run.js';
export { LOCK_FILE, withFolderLock } from './run/folder-lock.js';
export { makeOutputFolder } from './run/make-output-folder.js';
export type { ModelRun } from './run/model-run.js';
export { type PlanContext, type PlannedRun, withFirstStage } from './run/planned-run.js';
export type { RunContext } from './run/run-context.js';
export { printRunFiles, RUN_FILES } from './run/run-files.js';
export { runModel } from './run/run-model.js';
export { assertFewSkipped, MOST_SKIPPED, printSkippedSteps } from './run/skipped-steps.js';
export { trainOne } from './run/train-one.js';
export { type StoppingOptions, stepsOfEpochs } from './run/training-length.js';
export { figure } from './tables/figure.js';
export { formatTable } from './tables/format-table.js';
export {
  headingsFor,
  METRIC_HEADINGS,
  type MeasuredScorer,
  type MetricHeading,
  metricCells,
  metricHeadings,
  metricsTables,
  type ScorerMetrics,
} from './tables/metrics-table.js';
export { describeEngine } from './terminal/describe-engine.js';
export { INTERRUPTED, type Interruptible, interruptSignal } from './terminal/interrupt-signal.js';
export { type ClosableOutput, outliveReaders } from './terminal/outlive-readers.js';
export { printable } from './terminal/printable.js';
export { bar, duration, ProgressLine, type Terminal } from './terminal/progress-line.js';
export { type Launch, resumeCommand } from './terminal/resume-command.js';
export { runProgram } from './terminal/run-program.js';
export { shownFrom } from './terminal/shown-from.js';
