import type { IntIndex } from '../rows/int-index.js';
import { ROW_FACTS, type RowTable } from '../rows/row-table.js';
import { TopK } from './top-k.js';

/** Who gives way when a bank is full: the item that was written longest ago, or the one that was read least often. */
export type EvictionRule = 'oldest' | 'leastRead';

const ROUND_SHARE = 64;
const VICTIM_NUMBERS = 3;

/**
 * Chooses whom a full bank forgets. Victims are picked in rounds: one pass over the bank marks the worst 1/64 of the capacity, and the
 * following evictions take them in order; one that has since been read (`leastRead`) or written again is spared. So an eviction costs
 * little, `oldest` is exact while steps only grow, and under `leastRead` an item that has just come has a round's time to be read.
 */
export class Eviction {
  readonly rule: EvictionRule;
  readonly #round: number;
  /** Id, step and reads of each marked row at the time of marking, worst last. */
  #victims: number[] = [];

  constructor(rule: EvictionRule, capacity: number) {
    this.rule = rule;
    this.#round = Math.ceil(capacity / ROUND_SHARE);
  }

  /**
   * The row that is to give way, while something is written at `step`.
   *
   * @param arriving ids that come together: they do not displace each other while there are others.
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

  /** `[V, 3]`: whom the next evictions would take; part of a snapshot, so that a bank that comes back evicts as it would have. */
  snapshot(): Int32Array {
    return Int32Array.from(this.#victims);
  }

  /** @throws RangeError if the numbers are not threes. */
  restore(victims: Int32Array): void {
    if (victims.length % VICTIM_NUMBERS !== 0) {
      throw new RangeError(`MemoryBank.from: victims: expected ${VICTIM_NUMBERS} numbers each, got ${victims.length}`);
    }
    this.#victims = Array.from(victims);
  }

  /** @returns whether it could spare what arrives now, or what this very step wrote: they give way only if there is nothing else. */
  #mark(table: RowTable, step: number, arriving: ReadonlySet<number> | undefined): boolean {
    for (const sparing of [true, false]) {
      const worst = new TopK(this.#round);
      for (let row = 0; row < table.size; row++) {
        const writtenAt = table.fact(row, ROW_FACTS.step);
        if (sparing && (arriving?.has(table.fact(row, ROW_FACTS.id)) ?? writtenAt >= step)) continue;
        // Reads first, then the step: one number, exact up to 2²² reads.
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
