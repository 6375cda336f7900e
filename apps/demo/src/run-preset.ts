import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EngineReport } from '@sifaka/backend';
import {
  CheckpointError,
  evaluate,
  listCheckpoints,
  loadCheckpoint,
  type Metrics,
  MultimodalRanker,
  measure,
  peakMemoryMiB,
  popularity,
  type RankerOptions,
  REPORT_SCHEMA,
  type Report,
  type RunState,
  train,
  trainingPlot,
  userItemBiases,
  writeReport,
} from '@sifaka/trainer';
import type { MovieLens } from './load-movielens.js';
import { bar, duration, ProgressLine } from './progress.js';
import { figure } from './table.js';

export interface RunPresetOptions {
  readonly data: MovieLens;
  readonly options: RankerOptions;
  readonly engine: EngineReport;
  /** Steps in all. */
  readonly steps: number;
  readonly batchSize: number;
  /** The run's own folder: checkpoints, report, plot. */
  readonly folder: string;
  /** Go on from the last checkpoint; a finished run is not repeated. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
}

export interface FinishedRun {
  readonly report: Report;
  /** Logits of the test events, in order. */
  readonly testLogits: Float32Array;
}

/** Trains one preset, evaluates it on test once, and writes its report and plot. @returns undefined if the signal ended it early. */
export async function runPreset(run: RunPresetOptions): Promise<FinishedRun | undefined> {
  const started = performance.now();
  const { data, options, engine, steps, batchSize, folder, signal } = run;
  const finished = run.resume ? await readFinished(run) : undefined;
  if (finished !== undefined) {
    console.log(`  ${options.preset}: finished before, kept (${folder})`);
    return finished;
  }
  const checkpoints = { folder: path.join(folder, 'checkpoints'), fingerprint: data.fingerprint };
  if (!run.resume) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });

  const model = new MultimodalRanker(options, { catalogue: data.catalogue, numUsers: data.samples.numUsers });
  try {
    const from = run.resume ? await resumeFrom(model, checkpoints) : undefined;
    const { samples, split, cold } = data;
    const progress = new ProgressLine();
    const result = await train(model, {
      samples,
      split,
      cold,
      steps,
      batchSize,
      evaluateEvery: Math.max(1, Math.ceil(steps / 5)),
      checkpointEvery: Math.max(50, Math.ceil(steps / 5)),
      checkpoints,
      signal,
      ...(from === undefined ? {} : { from }),
      onStep: ({ step, samplesPerSecond, secondsLeft, result: { loss } }) => {
        progress.update(
          `${options.preset} ${bar(step, steps)} step ${step}/${steps} · loss ${figure(loss)} · ` +
            `${Math.round(samplesPerSecond)} samples/s · ${duration(secondsLeft)} left`,
        );
      },
      onValidation: ({ step, auc, gauc, coldAuc }) => {
        const figures = `AUC ${figure(auc)} · GAUC ${figure(gauc)} · cold items ${figure(coldAuc)}`;
        progress.done(`${options.preset} step ${String(step).padStart(String(steps).length)}: validation ${figures}`);
      },
    });
    progress.done();
    if (!result.finished) return undefined;

    const validation = evaluate(model, { samples, indices: split.validation, cold });
    const test = evaluate(model, { samples, indices: split.test, cold });
    const last = result.state.validations.at(-1);
    const report: Report = {
      schema: REPORT_SCHEMA,
      preset: options.preset,
      seed: options.seed,
      options,
      engine: { name: engine.name, version: engine.version, device: engine.device },
      data: data.report,
      metrics: { validation: validation.all, test: test.all, testColdItems: test.cold },
      baselines: baselineMetrics(data),
      bank: {
        items: model.bank.size,
        coverage: last?.coverage ?? null,
        stalenessCosine: last?.stalenessCosine ?? null,
        ageMedian: model.bank.size > 0 ? model.bank.ageMedian(result.state.step) : null,
      },
      training: {
        steps,
        batchSize,
        bestStep: result.state.best?.step ?? steps,
        skippedSteps: result.state.skippedSteps,
        parameters: countWeights(model),
        losses: result.state.losses,
        validations: result.state.validations,
      },
      throughput: {
        samplesPerSecond: result.samplesPerSecond,
        stepMs: result.stepMs,
        peakMemoryMiB: peakMemoryMiB(),
      },
      wallSeconds: (performance.now() - started) / 1000,
    };
    await writeFile(path.join(folder, 'test-logits.bin'), Buffer.from(test.logits.buffer));
    await writeFile(path.join(folder, 'training.svg'), plotOf(report, data));
    await writeReport(folder, report); // Last: its presence says that the run is complete.
    return { report, testLogits: test.logits };
  } finally {
    model.dispose();
  }
}

/** Popularity and user + item biases, fitted on train and measured on test. */
export function baselineMetrics(data: MovieLens): Record<string, { test: Metrics; testColdItems: Metrics }> {
  return Object.fromEntries(
    Object.entries(baselineLogits(data, data.split.test)).map(([name, logits]) => {
      const { all, cold } = measure(logits, { ...data, indices: data.split.test });
      return [name, { test: all, testColdItems: cold }];
    }),
  );
}

/** Logits of the baselines for some samples, by name. */
export function baselineLogits({ samples, split }: MovieLens, indices: Int32Array): Record<string, Float32Array> {
  return {
    popularity: popularity(samples, split.train, indices),
    biases: userItemBiases(samples, split.train, indices),
  };
}

async function resumeFrom(
  model: MultimodalRanker,
  checkpoints: { readonly folder: string; readonly fingerprint: string },
): Promise<RunState | undefined> {
  const [newest, older] = await listCheckpoints(checkpoints.folder);
  if (newest === undefined) return undefined;
  try {
    const state = await loadCheckpoint(model, newest, checkpoints);
    console.log(`  ${model.options.preset}: resumed at step ${state.step} from ${newest}`);
    return state;
  } catch (error) {
    if (!CheckpointError.isInstance(error) || older === undefined) throw error;
    throw new Error(
      `${error.message}\n  The checkpoint before it is ${older}; delete the damaged one to go on from there.`,
    );
  }
}

async function readFinished({ folder, options, steps, data }: RunPresetOptions): Promise<FinishedRun | undefined> {
  const text = await readFile(path.join(folder, 'report.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const report = JSON.parse(text) as Report;
  const same = JSON.stringify(report.options) === JSON.stringify(options) && report.training.steps === steps;
  const bytes = await readFile(path.join(folder, 'test-logits.bin'));
  const testLogits = new Float32Array(Uint8Array.from(bytes).buffer);
  return same && testLogits.length === data.split.test.length ? { report, testLogits } : undefined;
}

function plotOf({ preset, seed, training: { losses, validations } }: Report, data: MovieLens): string {
  const { validation } = data.split;
  const references = Object.fromEntries(
    Object.entries(baselineLogits(data, validation)).map(([name, logits]) => [
      name,
      measure(logits, { ...data, indices: validation }).all.auc,
    ]),
  );
  return trainingPlot({ title: `${preset}, seed ${seed}`, losses, validations, references });
}

function countWeights(model: MultimodalRanker): number {
  const dense = [...model.parameters.values()].reduce((total, { size }) => total + size, 0);
  return dense + model.users.values.length + model.items.values.length;
}
