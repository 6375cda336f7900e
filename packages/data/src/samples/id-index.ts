import { quoted } from '../rows/quoted.js';
import { checkId } from './outside-id.js';

/** Gives outside ids dense numbers, from 0, in the order in which they are added. */
export class IdIndex {
  readonly #where: string;
  readonly #capacity: number;
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];

  /**
   * @param where begins error messages
   * @param ids the first ids. Default: none.
   * @param capacity maximum number of ids. Default: no limit.
   * @throws RangeError if `ids` repeats an id, holds an empty one, or exceeds the capacity.
   */
  constructor(where: string, ids: readonly string[] = [], capacity: number = Number.POSITIVE_INFINITY) {
    this.#where = where;
    this.#capacity = capacity;
    this.follow(ids);
  }

  /** Number → id. Grows. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** Number of an id; −1 for an unknown one. */
  find(id: string): number {
    return this.#numbers.get(id) ?? -1;
  }

  /** True if the id is known or can be added. */
  hasRoomFor(id: string): boolean {
    return this.#numbers.has(id) || this.#ids.length < this.#capacity;
  }

  /**
   * Adds an id, if it is new.
   *
   * @returns its number; −1 for a new id beyond the capacity.
   * @throws RangeError if a new id is empty, not text, or not well-formed Unicode.
   */
  add(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    if (this.#ids.length >= this.#capacity) return -1;
    if (typeof id !== 'string') {
      throw new RangeError(`${this.#where}: expected an id as text, got ${quoted(id)}`);
    }
    checkId(this.#where, 'text', id);
    this.#numbers.set(id, this.#ids.length);
    this.#ids.push(id);
    return this.#ids.length - 1;
  }

  /**
   * Adds the rest of a longer list that begins with the ids of this one.
   *
   * @throws RangeError if the rest repeats an id, holds an empty one, or exceeds the capacity.
   */
  follow(longer: readonly string[]): void {
    if (longer.length > this.#capacity) {
      throw new RangeError(`${this.#where}: expected at most ${this.#capacity} ids, got ${longer.length}`);
    }
    for (let i = this.#ids.length; i < longer.length; i++) {
      if (this.add(longer[i]!) !== i) {
        throw new RangeError(`${this.#where}: expected distinct ids, got ${quoted(longer[i])} twice`);
      }
    }
  }
}
