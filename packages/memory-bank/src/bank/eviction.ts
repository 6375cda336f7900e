import type { IntIndex } from '../rows/int-index.js';
import { ROW_FACTS, type RowTable } from '../rows/row-table.js';
import { TopK } from './top-k.js';

/** Item that a full bank evicts: the one written longest ago (`oldest`) or the one read least often (`leastRead`). */
export type EvictionRule = 'oldest' | 'leastRead';

const ROUND_SHARE = 64;
/** Numbers per marked item in a snapshot: id, step and reads. */
export const VICTIM_FACTS = 3;

/**
 * Chooses the items that a full bank evicts. One pass over the bank marks the worst items, 1/64 of the capacity. The
 * next evictions take them in order, so an eviction is cheap. They skip marked items that have since been written again
 * or, under `leastRead`, read. `oldest` is exact as long as steps do not decrease. Under `leastRead`, a new item is
 * safe until the next pass, so it has time to be read.
 */
export class Eviction {
  readonly rule: EvictionRule;
  readonly #round: number;
  /** Id, step and reads of each marked row at the time of marking; the worst is last. */
  #victims: number[] = [];

  constructor(rule: EvictionRule, capacity: number) {
    this.rule = rule;
    this.#round = Math.ceil(capacity / ROUND_SHARE);
  }

  /**
   * The row to evict for a write at `step`.
   *
   * @param arriving ids written together. They do not evict each other as long as there are other items. Default: the
   *   items written at `step`.
   */
  next(table: RowTable, index: IntIndex, step: number, arriving?: ReadonlySet<number>): number {
    let sparing = true;
    for (;;) {
      if (this.#victims.length === 0) sparing = this.#mark(table, step, arriving);
      const reads = this.#victims.pop()!;
      const writtenAt = this.#victims.pop()!;
      const id = this.#victims.pop()!;
      const row = index.find(id);
      if (row < 0 || table.fact(row, ROW_FACTS.step) !== writtenAt) continue;
      if (sparing && arriving?.has(id)) continue;
      if (this.rule === 'oldest' || table.fact(row, ROW_FACTS.reads) === reads) return row;
    }
  }

  /** `[V, 3]` marked items, worst last. Part of a snapshot, so that a restored bank evicts the same items. */
  snapshot(): Int32Array {
    return Int32Array.from(this.#victims);
  }

  /** The inverse of {@link snapshot}. */
  restore(victims: Int32Array): void {
    this.#victims = Array.from(victims);
  }

  /**
   * @returns true if it could spare the arriving items (without `arriving`, those written at `step`). They are marked
   *   only if there are no others.
   */
  #mark(table: RowTable, step: number, arriving: ReadonlySet<number> | undefined): boolean {
    for (const sparing of [true, false]) {
      const worst = new TopK(this.#round);
      for (let row = 0; row < table.size; row++) {
        const writtenAt = table.fact(row, ROW_FACTS.step);
        if (sparing && (arriving?.has(table.fact(row, ROW_FACTS.id)) ?? writtenAt >= step)) continue;
        // Compares by reads, then by step. As one number this is exact up to 2²² reads.
        const reads = this.rule === 'leastRead' ? table.fact(row, ROW_FACTS.reads) : 0;
        worst.offer(-(reads * 2 ** 31 + writtenAt), row);
      }
      const { items } = worst.sorted();
      for (const row of items.reverse()) {
        this.#victims.push(
          table.fact(row, ROW_FACTS.id),
          table.fact(row, ROW_FACTS.step),
          table.fact(row, ROW_FACTS.reads),
        );
      }
      if (items.length > 0) return sparing;
    }
    return false;
  }
}
