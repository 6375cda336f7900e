/** A typed array that can grow. Its capacity doubles, so appending costs amortised constant time per value. */
export class GrowingArray<Values extends Int32Array | Uint8Array> {
  readonly #allocate: (length: number) => Values;
  #buffer: Values;
  #length: number;

  /** @param allocate makes an array of zeros @param start first values, copied */
  constructor(allocate: (length: number) => Values, start: Values) {
    this.#allocate = allocate;
    this.#buffer = allocate(start.length);
    this.#buffer.set(start);
    this.#length = start.length;
  }

  /** A view of the values. It does not follow later growth. */
  get values(): Values {
    return this.#buffer.subarray(0, this.#length) as Values;
  }

  append(more: Values): void {
    const length = this.#length + more.length;
    if (length > this.#buffer.length) {
      const larger = this.#allocate(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.values);
      this.#buffer = larger;
    }
    this.#buffer.set(more, this.#length);
    this.#length = length;
  }

  set(values: Values, offset: number): void {
    this.values.set(values, offset);
  }

  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }
}
