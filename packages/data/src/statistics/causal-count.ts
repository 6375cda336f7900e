/** The fields of a {@link CausalCount}, for JSON. */
export interface CausalCountState {
  /** Null before the first event. */
  readonly newest: number | null;
  /** Before the newest timestamp. */
  readonly events: number;
  readonly likes: number;
  /** At the newest timestamp. */
  readonly newEvents: number;
  readonly newLikes: number;
}

/**
 * Number of events and of likes *before* a time. Events at the newest timestamp are kept apart, because events of one
 * timestamp do not know of each other.
 *
 * Ask for times from the newest timestamp on. An event may be added at any time; one before the newest counts at once.
 */
export class CausalCount {
  #newest = Number.NEGATIVE_INFINITY;
  #events = 0;
  #likes = 0;
  #newEvents = 0;
  #newLikes = 0;

  constructor(state?: CausalCountState) {
    if (state === undefined) return;
    this.#newest = state.newest ?? Number.NEGATIVE_INFINITY;
    this.#events = state.events;
    this.#likes = state.likes;
    this.#newEvents = state.newEvents;
    this.#newLikes = state.newLikes;
  }

  /** The newest timestamp; −Infinity before the first event. */
  get newest(): number {
    return this.#newest;
  }

  /** Number of events at the newest timestamp. */
  get newEvents(): number {
    return this.#newEvents;
  }

  /** @param label 1 for a liked event, 0 otherwise */
  add(time: number, label: number): void {
    if (time < this.#newest) {
      this.#events++;
      this.#likes += label;
      return;
    }
    if (time > this.#newest) {
      this.#events += this.#newEvents;
      this.#likes += this.#newLikes;
      this.#newEvents = 0;
      this.#newLikes = 0;
      this.#newest = time;
    }
    this.#newEvents++;
    this.#newLikes += label;
  }

  eventsBefore(time: number): number {
    return time > this.#newest ? this.#events + this.#newEvents : this.#events;
  }

  likesBefore(time: number): number {
    return time > this.#newest ? this.#likes + this.#newLikes : this.#likes;
  }

  state(): CausalCountState {
    return {
      newest: Number.isFinite(this.#newest) ? this.#newest : null, // JSON has no infinity
      events: this.#events,
      likes: this.#likes,
      newEvents: this.#newEvents,
      newLikes: this.#newLikes,
    };
  }
}
