/** A typed array that rows are appended to: room doubles, so appending costs its own length, amortised. */
export class GrowingArray<Values extends Int32Array | Uint8Array> {
  readonly #make: (length: number) => Values;
  #room: Values;
  #length: number;

  /** @param make an array of zeros @param begin copied */
  constructor(make: (length: number) => Values, begin: Values) {
    this.#make = make;
    this.#room = make(begin.length);
    this.#room.set(begin);
    this.#length = begin.length;
  }

  /** What has been appended: a view that later growth may leave behind. */
  get values(): Values {
    return this.#room.subarray(0, this.#length) as Values;
  }

  append(more: Values): void {
    const length = this.#length + more.length;
    if (length > this.#room.length) {
      const wider = this.#make(Math.max(length, 2 * this.#room.length));
      wider.set(this.values);
      this.#room = wider;
    }
    this.#room.set(more, this.#length);
    this.#length = length;
  }

  set(values: Values, offset: number): void {
    this.values.set(values, offset);
  }

  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }
}
