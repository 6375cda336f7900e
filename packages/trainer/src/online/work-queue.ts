/** Runs asynchronous work in the order of the calls, one piece at a time. */
export class WorkQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts the work when all earlier work is done. @returns its result; rejects with its error */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {}); // The caller gets the error from `done`.
    return done;
  }

  /** Resolves when all work so far is done, even if it failed. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
