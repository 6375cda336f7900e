/** Ids with dense numbers in the order of their arrival. */
export class GrowingIds {
  readonly #ids: string[] = [];
  readonly #places = new Map<string, number>();

  /** @throws RangeError for an id that occurs twice. */
  constructor(where: string, begin: readonly string[]) {
    for (const id of begin) {
      if (this.#places.has(id))
        throw new RangeError(`${where}: expected distinct ids, got ${JSON.stringify(id)} twice`);
      this.append(id);
    }
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  /** −1 for an id that is not here. */
  find(id: string): number {
    return this.#places.get(id) ?? -1;
  }

  append(id: string): void {
    this.#places.set(id, this.#ids.length);
    this.#ids.push(id);
  }

  /** Takes over what another list of the same beginning has more. */
  follow(longer: readonly string[]): void {
    for (let place = this.#ids.length; place < longer.length; place++) this.append(longer[place]!);
  }
}
