import {
  gather,
  getBackend,
  matMul,
  mean,
  randomNormal,
  type Scalar,
  setBackend,
  square,
  sub,
  tanh,
  tensor1d,
  tidy,
  train,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import { ENGINE_NAMES, ENGINES, type EngineName } from './engine-descriptions.js';
import { EngineError } from './engine-error.js';
import { useEngine } from './use-engine.js';

/** What the doctor found about one engine; `works` tells the two cases apart. */
export type EngineHealth = EngineWorks | EngineFails;

/** The engine started and trained a step. */
export interface EngineWorks {
  readonly name: EngineName;
  readonly works: true;
  /** Version of the engine's npm package. */
  readonly version: string;
  /** As in {@link EngineReport}. */
  readonly nativeVersion?: string;
  readonly device: string;
  readonly threads: number;
  /** Loss of a small embedding model before and after one training step; `after < before`. */
  readonly loss: { readonly before: number; readonly after: number };
  /** Milliseconds of the step and both losses, including anything that the engine compiles. */
  readonly stepMs: number;
}

/** The engine did not start, or did not train. */
export interface EngineFails {
  readonly name: EngineName;
  readonly works: false;
  readonly device: string;
  /** One line. */
  readonly reason: string;
  /** What may fix it: a command, or advice. */
  readonly command: string;
}

/**
 * Starts each engine in turn and trains one step on it. Afterwards, the engine that was current before is current
 * again.
 *
 * @param names default: all engines, best first.
 */
export async function examineEngines(names: readonly EngineName[] = ENGINE_NAMES): Promise<EngineHealth[]> {
  const before = getBackend(); // Empty if no engine has started.
  const found: EngineHealth[] = [];
  for (const name of names) found.push(await examine(name));
  if (before) await setBackend(before);
  return found;
}

async function examine(name: EngineName): Promise<EngineHealth> {
  const { device, command } = ENGINES[name];
  try {
    const report = await useEngine(name);
    const start = performance.now();
    const loss = trainOneStep();
    const stepMs = performance.now() - start;
    if (!(loss.after < loss.before)) {
      const reason = `expected a training step to lower the loss, got ${loss.before} before and ${loss.after} after it`;
      return { name, works: false, device, reason, command };
    }
    const { packageName: _, passedOver: __, ...engine } = report;
    return { ...engine, works: true, loss, stepMs };
  } catch (error) {
    const reason = EngineError.isInstance(error) ? error.reason : String(error);
    const help = EngineError.isInstance(error) ? (error.command ?? command) : command;
    return { name, works: false, device, reason, command: help };
  }
}

/**
 * Trains a tiny model for one step: an embedding table, a hidden layer and one output. This needs gather, matrix
 * product, activation, their gradients, and an optimizer.
 *
 * @returns the loss before and after the step.
 */
function trainOneStep(): { before: number; after: number } {
  const make = (shape: [number, number], seed: number) =>
    variable(randomNormal(shape, 0, 0.5, 'float32', seed)) as Variable;
  const weights = tidy(() => [make([20, 8], 1), make([8, 8], 2), make([8, 1], 3)]) as [Variable, Variable, Variable];
  const [table, hidden, out] = weights;
  const loss = (): Scalar =>
    tidy(() => {
      const rows = gather(table, tensor1d([3, 1, 4, 1, 5, 9, 2, 6], 'int32')); // [8, 8]
      const scores = matMul(tanh(matMul(rows, hidden)), out); // [8, 1]
      return mean(square(sub(scores, 1))) as Scalar;
    });
  const optimizer = train.sgd(0.05);
  const value = () => tidy(() => loss().dataSync()[0]!) as unknown as number;
  try {
    const before = value();
    optimizer.minimize(loss, false, weights);
    return { before, after: value() };
  } finally {
    optimizer.dispose();
    for (const weight of weights) weight.dispose();
  }
}

/** Formats the findings as a table for a terminal, one line per engine. */
export function formatHealth(found: readonly EngineHealth[]): string {
  const rows = found.map((each) => [each.name, version(each), each.device, verdict(each)] as const);
  const header = ['engine', 'version', 'device', 'state'] as const;
  const widths = [0, 1, 2].map((column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell)).join('  ');
  return [header, ...rows].map(line).join('\n');
}

function version(health: EngineHealth): string {
  if (!health.works) return '-';
  return health.nativeVersion === undefined ? health.version : `${health.version} on ${health.nativeVersion}`;
}

function verdict(health: EngineHealth): string {
  if (!health.works) return `${health.reason}. Try: ${health.command}`;
  const { before, after } = health.loss;
  return `works: one training step, loss ${before.toFixed(3)} -> ${after.toFixed(3)}, ${health.stepMs.toFixed(0)} ms`;
}
