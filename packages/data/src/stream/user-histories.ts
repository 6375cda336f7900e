import { BoundedHistory, type BoundedHistoryState } from '../history/bounded-history.js';
import type { HistoryEvents } from '../history/history-options.js';
import type { HistoryRow } from '../history/write-history.js';
import type { HistoryAsOf } from '../samples/history-as-of.js';
import { NO_VISIT, type Visit, visitWith } from './visit.js';

/** Number of a user's events to keep for histories of each kind. */
export type HistoryCapacities = Readonly<Record<HistoryEvents, number>>;

/** {@link UserHistories} as plain data. */
export interface UserHistoriesState {
  /** From the least to the most recently active. */
  readonly users: readonly {
    readonly user: number;
    /** When the user's latest visit began. */
    readonly visitStart: number;
    /** The user's latest event, late ones included. */
    readonly lastTime: number;
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
  visit: Visit;
  session: number;
  readonly events: Readonly<Record<HistoryEvents, BoundedHistory>>;
}

export interface UserHistoriesOptions {
  /** Maximum number of users to keep. Beyond it the least recently active user is forgotten. */
  readonly maxUsers: number;
  readonly capacities: HistoryCapacities;
  readonly sessionGapSeconds: number;
  readonly historyAsOf: HistoryAsOf;
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
    for (const { user, visitStart, lastTime, session, ...saved } of state.users) {
      const events = {
        positive: new BoundedHistory(positive, saved.positive),
        all: new BoundedHistory(all, saved.all),
      };
      this.#users.set(user, { visit: { start: visitStart, last: lastTime }, session, events });
    }
  }

  /** Number of users forgotten for lack of room. A forgotten user who returns starts with an empty history. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /**
   * Takes the time of an event into its user's visits. Call it before {@link add}.
   *
   * @returns the user's latest session, and the time at which the histories of an event of this time end. A late event
   *   may be of an earlier session.
   */
  visitAt(user: number, time: number): { readonly session: number; readonly historyEnd: number } {
    const history = this.#touch(user);
    const visit = visitWith(history.visit, [time], this.#options.sessionGapSeconds);
    if (visit.start > history.visit.last) history.session = this.#sessions++;
    history.visit = visit;
    return { session: history.session, historyEnd: this.#historyEnd(visit) };
  }

  /** The user's latest visit. */
  visitOf(user: number): Visit {
    return this.#users.get(user)?.visit ?? NO_VISIT;
  }

  /** Writes the user's events before `time`; an unknown user has none. @returns the number of events written. */
  write(user: number, time: number, kind: HistoryEvents, row: HistoryRow): number {
    return (this.#users.get(user)?.events[kind] ?? EMPTY).write(time, row);
  }

  /** Adds an event to its user's histories. */
  add(user: number, item: number, time: number, positive: boolean): void {
    const { events, visit } = this.#touch(user);
    const end = this.#historyEnd(visit);
    events.all.insert(item, time, positive, end);
    if (positive) events.positive.insert(item, time, positive, end);
  }

  /** A copy. */
  state(): UserHistoriesState {
    const users = Array.from(this.#users, ([user, { visit, session, events }]) => ({
      user,
      visitStart: visit.start,
      lastTime: visit.last,
      session,
      positive: events.positive.state(this.#historyEnd(visit)),
      all: events.all.state(this.#historyEnd(visit)),
    }));
    return { users, sessions: this.#sessions, forgotten: this.#forgotten };
  }

  /** The time at which the histories of the latest event of a visit end. */
  #historyEnd({ start, last }: Visit): number {
    return this.#options.historyAsOf === 'visit' ? start : last;
  }

  /** Makes the user the most recently active one. */
  #touch(user: number): UserHistory {
    const { positive, all } = this.#options.capacities;
    const history = this.#users.get(user) ?? {
      visit: NO_VISIT,
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
