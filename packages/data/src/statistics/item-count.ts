import { CausalCount, type CausalCountState } from './causal-count.js';

/** The fields of an {@link ItemCount}, for JSON. */
export interface ItemCountState {
  readonly count: CausalCountState;
  /** Time of the first event. */
  readonly first: number;
  /** The newest timestamp but one; null if there is one timestamp only. */
  readonly previous: number | null;
  readonly lately: number;
}

const SECONDS_PER_DAY = 86_400;
const HALF_LIFE_DAYS = 30;

/** What happened to an item before a time. Ask for times from its newest timestamp on. */
export class ItemCount {
  readonly count: CausalCount;
  #first = Number.POSITIVE_INFINITY;
  #previous = Number.NEGATIVE_INFINITY;
  /** Events before the newest timestamp, as seen from there. */
  #lately = 0;

  constructor(state?: ItemCountState) {
    this.count = new CausalCount(state?.count);
    if (state === undefined) return;
    this.#first = state.first;
    this.#previous = state.previous ?? Number.NEGATIVE_INFINITY;
    this.#lately = state.lately;
  }

  add(time: number, label: number): void {
    const { newest } = this.count;
    if (time > newest) {
      this.#lately = this.latelyBefore(time);
      this.#previous = newest;
    } else if (time < newest) {
      this.#lately += decay(newest - time);
      this.#previous = Math.max(this.#previous, time);
    }
    this.#first = Math.min(this.#first, time);
    this.count.add(time, label);
  }

  /** Number of events, of which one `d` days before `time` counts `2^(−d / 30)`: no queue of events is needed. */
  latelyBefore(time: number): number {
    const { newest, newEvents } = this.count;
    return time > newest ? (this.#lately + newEvents) * decay(time - newest) : this.#lately;
  }

  /** Days since the first event before `time`; 0 if there is none. */
  daysSinceFirst(time: number): number {
    return daysBetween(this.#first, time);
  }

  /** Days since the last event before `time`; 0 if there is none. */
  daysSinceLast(time: number): number {
    const { newest } = this.count;
    return daysBetween(time > newest ? newest : this.#previous, time);
  }

  state(): ItemCountState {
    return {
      count: this.count.state(),
      first: this.#first,
      previous: Number.isFinite(this.#previous) ? this.#previous : null, // JSON has no infinity
      lately: this.#lately,
    };
  }
}

function decay(seconds: number): number {
  return 2 ** (-seconds / (HALF_LIFE_DAYS * SECONDS_PER_DAY));
}

function daysBetween(start: number, end: number): number {
  return Number.isFinite(start) && start < end ? (end - start) / SECONDS_PER_DAY : 0;
}
