import { quoted } from '@sifaka/nn';

/** Reads typed fields of a checkpoint's JSON, and names the field that is missing or wrong. */
export class ConfigReader {
  readonly where: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @param where the file, for messages: `loadTextEncoder: NAME: config.json` */
  constructor(where: string, values: unknown) {
    this.where = where;
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new Error(`${where}: expected an object, got ${quoted(values)}`);
    }
    this.#values = values as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name) && this.#values[name] !== null && this.#values[name] !== undefined;
  }

  /** A whole number from `from`. `missing` stands for a field that is not there. Without it, that is an error. */
  whole(name: string, missing?: number, from = 1): number {
    return this.#read(name, missing, `a whole number from ${from}`, (value): value is number => {
      return Number.isSafeInteger(value) && (value as number) >= from;
    });
  }

  /** A finite number above 0. */
  positive(name: string, missing?: number): number {
    return this.#read(name, missing, 'a number above 0', isPositive);
  }

  text(name: string, missing?: string): string {
    return this.#read(name, missing, 'a text', (value): value is string => typeof value === 'string');
  }

  flag(name: string, missing: boolean): boolean {
    return this.#read(name, missing, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  /** An object inside. Without it: an empty one. */
  part(name: string): ConfigReader {
    return new ConfigReader(`${this.where}: ${name}`, this.has(name) ? this.#values[name] : {});
  }

  /** Pixels: a side, `{ height, width }` or `[height, width]`. Undefined for another form, such as a shortest edge. */
  size(name: string): { readonly height: number; readonly width: number } | undefined {
    const value = this.#values[name];
    if (typeof value === 'number') return { height: this.whole(name), width: this.whole(name) };
    if (Array.isArray(value)) {
      const sides = new ConfigReader(`${this.where}: ${name}`, { height: value[0], width: value[1] });
      return { height: sides.whole('height'), width: sides.whole('width') };
    }
    if (!this.has(name)) return undefined;
    const sides = this.part(name);
    return sides.has('height') ? { height: sides.whole('height'), width: sides.whole('width') } : undefined;
  }

  /** @throws Error if a field has another value than the only one that is implemented. */
  only(name: string, value: unknown): void {
    if (!this.has(name) || this.#values[name] === value) return;
    throw new Error(`${this.where}: expected ${name} ${quoted(value)}, got ${quoted(this.#values[name])}`);
  }

  #read<Value>(name: string, missing: Value | undefined, expected: string, is: (value: unknown) => value is Value) {
    if (!this.has(name) && missing !== undefined) return missing;
    const value = this.#values[name];
    if (is(value)) return value;
    const got = this.has(name) ? quoted(value) : 'none';
    throw new Error(`${this.where}: expected ${name} to be ${expected}, got ${got}`);
  }
}

function isPositive(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) > 0;
}
