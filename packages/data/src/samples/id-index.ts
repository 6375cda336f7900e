/** Numbers ids densely in the order in which they come, up to a capacity. */
export class IdIndex {
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #capacity: number;

  /** @throws RangeError if `ids` repeats one or holds more than the capacity. @param where for messages */
  constructor(where: string, ids: readonly string[], capacity: number) {
    if (ids.length > capacity)
      throw new RangeError(`${where}: expected at most ${capacity} ids to begin with, got ${ids.length}`);
    this.#capacity = capacity;
    for (const id of ids) {
      if (this.#numbers.has(id))
        throw new RangeError(`${where}: expected distinct ids, got ${JSON.stringify(id)} twice`);
      this.add(id);
    }
  }

  /** Dense id → id. Grows. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** −1 for an id without a number. */
  find(id: string): number {
    return this.#numbers.get(id) ?? -1;
  }

  /** Whether `add` would give a number. */
  hasRoomFor(id: string): boolean {
    return this.#numbers.has(id) || this.#ids.length < this.#capacity;
  }

  /** The id's number, a new one if need be; −1 where there is no room for a new one. */
  add(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    if (this.#ids.length >= this.#capacity) return -1;
    this.#numbers.set(id, this.#ids.length);
    this.#ids.push(id);
    return this.#ids.length - 1;
  }
}
