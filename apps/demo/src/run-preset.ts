import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bankAge } from '@sifaka/memory-bank';
import {
  type BaselineMetrics,
  evaluate,
  MultimodalRanker,
  peakMemoryMiB,
  type RankerOptions,
  REPORT_SCHEMA,
  type Report,
  train,
  trainingPlot,
  writeReport,
} from '@sifaka/trainer';
import { baselineScores } from './baseline-scores.js';
import type { DemoRun } from './demo-run.js';
import { RUN_FILES, readFinished, removeEarlierRun, resumeRun } from './earlier-run.js';
import type { MovieLens } from './load-movielens.js';
import { bar, duration, ProgressLine } from './progress.js';
import { figure } from './table.js';

export interface RunPresetOptions extends Pick<DemoRun, 'data' | 'engine' | 'signal' | 'print' | 'terminal' | 'shown'> {
  readonly options: RankerOptions;
  /** Steps in all. */
  readonly steps: number;
  readonly batchSize: number;
  /** The run's own folder: checkpoints, report, plot. */
  readonly folder: string;
  /** Go on from the last checkpoint; a finished run is not repeated. */
  readonly resume: boolean;
  /** Other models' figures on the same test events, for the report. */
  readonly beside?: Readonly<Record<string, BaselineMetrics>>;
}

export interface FinishedRun {
  readonly report: Report;
  /** Logits of the test events, in order. */
  readonly testLogits: Float32Array;
}

/** Trains one preset, evaluates it on test once, and writes its report and plot. @returns undefined if the signal ended it early. */
export async function runPreset(run: RunPresetOptions): Promise<FinishedRun | undefined> {
  const started = performance.now();
  const { data, options, engine, steps, batchSize, folder, signal, print, shown } = run;
  const finished = run.resume ? await readFinished(run) : undefined;
  if (finished !== undefined) {
    print(`  ${options.preset}: finished before, kept (${shown(folder)})`);
    return finished;
  }
  const checkpoints = { folder: path.join(folder, RUN_FILES.checkpoints), fingerprint: data.report.fingerprint };
  if (!run.resume) await removeEarlierRun(folder);
  await mkdir(folder, { recursive: true });

  const model = new MultimodalRanker(options, { catalogue: data.catalogue, numUsers: data.samples.numUsers });
  try {
    const from = run.resume ? await resumeRun(model, run) : undefined;
    const { samples, split, cold } = data;
    const progress = new ProgressLine(run.terminal);
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
      baselines: { ...mapValues(baselineScores(data), ({ test }) => test), ...run.beside },
      bank: {
        items: model.bank.size,
        coverage: last?.coverage ?? null,
        stalenessCosine: last?.stalenessCosine ?? null,
        ageMedian: model.bank.size > 0 ? bankAge(model.bank, result.state.step).median : null,
        inspection: last?.bank ?? null,
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
    await writeFile(path.join(folder, RUN_FILES.logits), Buffer.from(test.logits.buffer));
    await writeFile(path.join(folder, RUN_FILES.plot), plotOf(report, data));
    await writeReport(folder, report); // Last: its presence says that the run is complete.
    return { report, testLogits: test.logits };
  } finally {
    model.dispose();
  }
}

function plotOf({ preset, seed, training: { losses, validations } }: Report, data: MovieLens): string {
  const references = mapValues(baselineScores(data), ({ validationAuc }) => validationAuc);
  return trainingPlot({ title: `${preset}, seed ${seed}`, losses, validations, references });
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, of: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}

function countWeights(model: MultimodalRanker): number {
  const dense = [...model.parameters.values()].reduce((total, { size }) => total + size, 0);
  return dense + model.users.values.length + model.items.values.length;
}
