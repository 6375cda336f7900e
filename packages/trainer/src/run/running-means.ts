import type { RunSums } from './run-state.js';

/** Means of named values since they were last taken, without values that are not finite. Checkpoints hold its sums. */
export class RunningMeans {
  readonly #sums: Record<string, readonly [sum: number, count: number]>;

  constructor(sums: RunSums = {}) {
    this.#sums = { ...sums };
  }

  add(name: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const [sum, count] = this.#sums[name] ?? [0, 0];
    this.#sums[name] = [sum + value, count + 1];
  }

  /** The mean; null if nothing was added. */
  peek(name: string): number | null {
    const [sum, count] = this.#sums[name] ?? [0, 0];
    return count === 0 ? null : sum / count;
  }

  /** The mean, which starts anew. */
  take(name: string): number | null {
    const mean = this.peek(name);
    delete this.#sums[name];
    return mean;
  }

  get sums(): RunSums {
    return { ...this.#sums };
  }
}
