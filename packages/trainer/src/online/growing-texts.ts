import type { TextColumn } from '../catalogue/catalogue.js';
import { GrowingArray } from './growing-array.js';

const integers = (length: number): Int32Array => new Int32Array(length);

/** A {@link TextColumn} that can grow. */
export class GrowingTexts {
  readonly maxLength: number;
  readonly #ids: GrowingArray<Int32Array>;
  readonly #lengths: GrowingArray<Int32Array>;

  constructor(start: TextColumn) {
    this.maxLength = start.maxLength;
    this.#ids = new GrowingArray(integers, start.ids);
    this.#lengths = new GrowingArray(integers, start.lengths);
  }

  get column(): TextColumn {
    return { ids: this.#ids.values, lengths: this.#lengths.values, maxLength: this.maxLength };
  }

  get count(): number {
    return this.#lengths.values.length;
  }

  append({ ids, lengths }: Pick<TextColumn, 'ids' | 'lengths'>): void {
    this.#ids.append(ids);
    this.#lengths.append(lengths);
  }

  /** Replaces text `at` by text `from` of another column. */
  replace(at: number, { ids, lengths }: TextColumn, from: number): void {
    const { maxLength } = this;
    this.#ids.set(ids.subarray(from * maxLength, (from + 1) * maxLength), at * maxLength);
    this.#lengths.set(lengths.subarray(from, from + 1), at);
  }

  truncate(count: number): void {
    this.#ids.truncate(count * this.maxLength);
    this.#lengths.truncate(count);
  }
}
