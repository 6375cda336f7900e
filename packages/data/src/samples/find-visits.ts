/** Events in time order. */
interface TimedEvents {
  readonly users: Int32Array;
  /** Unix seconds, never decreasing. */
  readonly timestamps: Float64Array;
  readonly numUsers: number;
}

/** The visit of each event. */
export interface Visits {
  /** Dense session ids, in the order in which sessions begin. */
  readonly sessions: Int32Array;
  /** The time of the first event of each event's session. */
  readonly starts: Float64Array;
}

/** Finds the visits (sessions) of all users: a user's events with gaps of at most `gap` seconds. */
export function findVisits({ users, timestamps, numUsers }: TimedEvents, gap: number): Visits {
  const lastTime = new Float64Array(numUsers).fill(Number.NEGATIVE_INFINITY);
  const session = new Int32Array(numUsers);
  const start = new Float64Array(numUsers);
  const visits = { sessions: new Int32Array(users.length), starts: new Float64Array(users.length) };
  let begun = 0;
  for (let event = 0; event < users.length; event++) {
    const user = users[event]!;
    const time = timestamps[event]!;
    if (time - lastTime[user]! > gap) {
      session[user] = begun++;
      start[user] = time;
    }
    lastTime[user] = time;
    visits.sessions[event] = session[user]!;
    visits.starts[event] = start[user]!;
  }
  return visits;
}
