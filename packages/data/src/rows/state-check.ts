import { quoted } from './quoted.js';

/** Checks fields of a state that may have been through a file, by name. Every check throws a RangeError. */
export class StateCheck {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  fail(name: string, expected: string, got: unknown): never {
    throw new RangeError(`${this.#where}: expected ${name} of the state to be ${expected}, got ${quoted(got)}`);
  }

  object(name: string, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(name, 'an object', value);
  }

  array(name: string, value: unknown): void {
    if (!Array.isArray(value)) this.fail(name, 'an array', value);
  }

  whole(name: string, value: unknown): void {
    if (!Number.isSafeInteger(value) || (value as number) < 0) this.fail(name, 'a whole number from 0', value);
  }

  below(name: string, value: unknown, bound: number): void {
    this.whole(name, value);
    if ((value as number) >= bound) this.fail(name, `below ${bound}`, value);
  }

  index(name: string, value: unknown, list: readonly unknown[]): void {
    this.below(name, value, list.length);
  }

  label(name: string, value: unknown): void {
    if (value !== 0 && value !== 1) this.fail(name, '0 or 1', value);
  }

  /** @returns the time. */
  time(name: string, value: unknown, earliest: number): number {
    if (typeof value !== 'number' || !Number.isFinite(value)) this.fail(name, 'a finite number', value);
    if (value < earliest) this.fail(name, `at least ${earliest}`, value);
    return value;
  }
}
