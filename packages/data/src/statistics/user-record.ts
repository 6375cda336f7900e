import { BoundedHistory, type BoundedHistoryState } from '../history/bounded-history.js';
import { CausalCount, type CausalCountState } from './causal-count.js';

/** Number of a user's latest events whose labels are kept. */
export const LABELS_KEPT = 50;
/** Number of a user's latest likes that an item is compared with. */
export const LIKES_KEPT = 20;

/** The fields of a {@link UserRecord}, for JSON. */
export interface UserRecordState {
  readonly recent: BoundedHistoryState;
  readonly liked: BoundedHistoryState;
  readonly count: CausalCountState;
  /** By category. */
  readonly categories: readonly (readonly [category: number, count: CausalCountState])[];
}

/** What statistics need of one user: latest labels, latest likes, and counts by category. */
export class UserRecord {
  readonly recent: BoundedHistory;
  readonly liked: BoundedHistory;
  readonly count: CausalCount;
  /** By category; only those that the user met. */
  readonly categories: Map<number, CausalCount>;

  constructor(state?: UserRecordState) {
    this.recent = new BoundedHistory(LABELS_KEPT, state?.recent);
    this.liked = new BoundedHistory(LIKES_KEPT, state?.liked);
    this.count = new CausalCount(state?.count);
    this.categories = new Map(state?.categories.map(([category, count]) => [category, new CausalCount(count)]));
  }

  /** Adds an event, but not the categories of its item. */
  add(item: number, time: number, label: number): void {
    this.count.add(time, label);
    const end = this.count.newest;
    this.recent.insert(item, time, label === 1, end);
    if (label === 1) this.liked.insert(item, time, true, end);
  }

  addCategory(category: number, time: number, label: number): void {
    let count = this.categories.get(category);
    if (count === undefined) {
      count = new CausalCount();
      this.categories.set(category, count);
    }
    count.add(time, label);
  }

  state(): UserRecordState {
    return {
      recent: this.recent.state(this.count.newest),
      liked: this.liked.state(this.count.newest),
      count: this.count.state(),
      categories: Array.from(this.categories, ([category, count]) => [category, count.state()] as const),
    };
  }
}
