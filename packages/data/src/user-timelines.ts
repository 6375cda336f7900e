import { BoundedHistory, type BoundedHistoryState } from './bounded-history.js';
import type { HistoryEvents } from './history-options.js';
import type { HistoryRow } from './write-past.js';

/** How many events of a user are kept for histories of each kind. */
export type HistoryCapacities = Readonly<Record<HistoryEvents, number>>;

export interface UserTimelinesState {
  /** From the least to the most recently active. */
  readonly users: readonly {
    readonly user: number;
    /** Null for a user of whom only late events came. */
    readonly lastTime: number | null;
    readonly session: number;
    readonly positive: BoundedHistoryState;
    readonly all: BoundedHistoryState;
  }[];
  /** Sessions begun. */
  readonly sessions: number;
  readonly forgotten: number;
}

interface Timeline {
  lastTime: number;
  session: number;
  readonly histories: Readonly<Record<HistoryEvents, BoundedHistory>>;
}

export interface UserTimelinesOptions {
  /** Users remembered; past it the least recently active is forgotten. */
  readonly maxUsers: number;
  readonly capacities: HistoryCapacities;
  readonly sessionGapSeconds: number;
}

const NOTHING = new BoundedHistory(0);

/** Past and present session of the users that were active last. */
export class UserTimelines {
  readonly #options: UserTimelinesOptions;
  /** In order of activity: a Map keeps the order in which keys were set. */
  readonly #timelines = new Map<number, Timeline>();
  #sessions = 0;
  #forgotten = 0;

  constructor(options: UserTimelinesOptions, state?: UserTimelinesState) {
    this.#options = options;
    if (state === undefined) return;
    this.#sessions = state.sessions;
    this.#forgotten = state.forgotten;
    const { positive, all } = options.capacities;
    for (const { user, lastTime, session, ...kept } of state.users) {
      const histories = {
        positive: new BoundedHistory(positive, kept.positive),
        all: new BoundedHistory(all, kept.all),
      };
      this.#timelines.set(user, { lastTime: lastTime ?? Number.NEGATIVE_INFINITY, session, histories });
    }
  }

  /** Users whose past was given up for want of room; if they come back they begin anew. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The session of a user's event, which is not earlier than their event before. */
  sessionAt(user: number, time: number): number {
    const timeline = this.#touch(user);
    if (time - timeline.lastTime > this.#options.sessionGapSeconds) timeline.session = this.#sessions++;
    timeline.lastTime = time;
    return timeline.session;
  }

  /** Writes what a user had met before `time`; nothing for a user nothing is known of. @returns how many. */
  writeHistory(user: number, time: number, events: HistoryEvents, row: HistoryRow): number {
    return (this.#timelines.get(user)?.histories[events] ?? NOTHING).write(time, row);
  }

  remember(user: number, item: number, time: number, positive: boolean): void {
    const { histories } = this.#touch(user);
    histories.all.insert(item, time, positive);
    if (positive) histories.positive.insert(item, time, positive);
  }

  state(): UserTimelinesState {
    const users = Array.from(this.#timelines, ([user, { lastTime, session, histories }]) => ({
      user,
      lastTime: Number.isFinite(lastTime) ? lastTime : null, // JSON has no infinity
      session,
      positive: histories.positive.state(),
      all: histories.all.state(),
    }));
    return { users, sessions: this.#sessions, forgotten: this.#forgotten };
  }

  #touch(user: number): Timeline {
    const { positive, all } = this.#options.capacities;
    const timeline = this.#timelines.get(user) ?? {
      lastTime: Number.NEGATIVE_INFINITY,
      session: -1,
      histories: { positive: new BoundedHistory(positive), all: new BoundedHistory(all) },
    };
    this.#timelines.delete(user);
    this.#timelines.set(user, timeline);
    while (this.#timelines.size > this.#options.maxUsers) {
      const [oldest] = this.#timelines.keys();
      this.#timelines.delete(oldest!);
      this.#forgotten++;
    }
    return timeline;
  }
}
