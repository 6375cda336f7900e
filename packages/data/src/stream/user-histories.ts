import { BoundedHistory, type BoundedHistoryState } from '../history/bounded-history.js';
import type { HistoryEvents } from '../history/history-options.js';
import type { HistoryRow } from '../history/write-history.js';

/** Number of a user's events to keep for histories of each kind. */
export type HistoryCapacities = Readonly<Record<HistoryEvents, number>>;

/** {@link UserHistories} as plain data. */
export interface UserHistoriesState {
  /** From the least to the most recently active. */
  readonly users: readonly {
    readonly user: number;
    /** Null for a user with late events only. */
    readonly lastTime: number | null;
    readonly session: number;
    readonly positive: BoundedHistoryState;
    readonly all: BoundedHistoryState;
  }[];
  /** Number of sessions begun so far. */
  readonly sessions: number;
  /** Number of users forgotten so far. */
  readonly forgotten: number;
}

interface UserHistory {
  lastTime: number;
  session: number;
  readonly events: Readonly<Record<HistoryEvents, BoundedHistory>>;
}

export interface UserHistoriesOptions {
  /** Maximum number of users to keep. Beyond it the least recently active user is forgotten. */
  readonly maxUsers: number;
  readonly capacities: HistoryCapacities;
  readonly sessionGapSeconds: number;
}

const EMPTY = new BoundedHistory(0);

/** The histories and current sessions of the most recently active users. */
export class UserHistories {
  readonly #options: UserHistoriesOptions;
  /** In order of activity: a Map iterates in the order in which keys were set. */
  readonly #users = new Map<number, UserHistory>();
  #sessions = 0;
  #forgotten = 0;

  constructor(options: UserHistoriesOptions, state?: UserHistoriesState) {
    this.#options = options;
    if (state === undefined) return;
    this.#sessions = state.sessions;
    this.#forgotten = state.forgotten;
    const { positive, all } = options.capacities;
    for (const { user, lastTime, session, ...saved } of state.users) {
      const events = {
        positive: new BoundedHistory(positive, saved.positive),
        all: new BoundedHistory(all, saved.all),
      };
      this.#users.set(user, { lastTime: lastTime ?? Number.NEGATIVE_INFINITY, session, events });
    }
  }

  /** Number of users forgotten for lack of room. A forgotten user who returns starts with an empty history. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The session of a user's event. @param time not earlier than the user's previous event */
  sessionAt(user: number, time: number): number {
    const history = this.#touch(user);
    if (time - history.lastTime > this.#options.sessionGapSeconds) history.session = this.#sessions++;
    history.lastTime = time;
    return history.session;
  }

  /** Writes the user's events before `time`; an unknown user has none. @returns the number of events written. */
  write(user: number, time: number, kind: HistoryEvents, row: HistoryRow): number {
    return (this.#users.get(user)?.events[kind] ?? EMPTY).write(time, row);
  }

  /** Adds an event to its user's histories. */
  add(user: number, item: number, time: number, positive: boolean): void {
    const { events } = this.#touch(user);
    events.all.insert(item, time, positive);
    if (positive) events.positive.insert(item, time, positive);
  }

  /** A copy. */
  state(): UserHistoriesState {
    const users = Array.from(this.#users, ([user, { lastTime, session, events }]) => ({
      user,
      lastTime: Number.isFinite(lastTime) ? lastTime : null, // JSON has no infinity
      session,
      positive: events.positive.state(),
      all: events.all.state(),
    }));
    return { users, sessions: this.#sessions, forgotten: this.#forgotten };
  }

  /** Makes the user the most recently active one. */
  #touch(user: number): UserHistory {
    const { positive, all } = this.#options.capacities;
    const history = this.#users.get(user) ?? {
      lastTime: Number.NEGATIVE_INFINITY,
      session: -1,
      events: { positive: new BoundedHistory(positive), all: new BoundedHistory(all) },
    };
    this.#users.delete(user);
    this.#users.set(user, history);
    while (this.#users.size > this.#options.maxUsers) {
      const [oldest] = this.#users.keys();
      this.#users.delete(oldest!);
      this.#forgotten++;
    }
    return history;
  }
}
