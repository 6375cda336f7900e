/** Milliseconds of one step, by phase. */
export interface StepTimes {
  readonly prepare: number;
  readonly encode: number;
  readonly rank: number;
  readonly backward: number;
  readonly update: number;
  readonly write: number;
  readonly total: number;
}

/** Adds up the time since the last lap, by phase. */
export class Stopwatch {
  readonly #laps: Record<Exclude<keyof StepTimes, 'total'>, number> = {
    prepare: 0,
    encode: 0,
    rank: 0,
    backward: 0,
    update: 0,
    write: 0,
  };
  readonly #start: number = performance.now();
  #last: number = this.#start;

  lap(name: Exclude<keyof StepTimes, 'total'>): void {
    const now = performance.now();
    this.#laps[name] += now - this.#last;
    this.#last = now;
  }

  times(): StepTimes {
    return { ...this.#laps, total: this.#last - this.#start };
  }
}
