/** Milliseconds of one step, by phase. */
export interface StepTimes {
  /** Draws the candidates to encode, and borrows table rows. */
  readonly prepare: number;
  /** Encodes candidates and queries, and completes the candidates from the bank. */
  readonly encode: number;
  /** Reads the sequences, ranks, and computes the losses. */
  readonly rank: number;
  readonly backward: number;
  /** Updates weights and table rows. */
  readonly update: number;
  /** Writes the fresh vectors to the bank. */
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
