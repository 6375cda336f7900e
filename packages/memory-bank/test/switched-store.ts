import type { BankRows, BankStore } from '@sifaka/memory-bank';

/** A store in front of another. It can be switched off and on, and records the acknowledged writes. */
export class SwitchedStore implements BankStore {
  readonly kind = 'switched';
  readonly dim: number;
  away = false;
  /** Refuses writes only, as a full disk does. */
  full = false;
  /** Writes and removals wait for this promise. */
  hold: Promise<void> | undefined;
  /** Ids of each acknowledged write. */
  readonly written: (readonly number[])[] = [];
  #behind: BankStore;
  #incarnation = 1;

  constructor(behind: BankStore) {
    this.#behind = behind;
    this.dim = behind.dim;
  }

  /** Restarts with another store, such as an empty one. */
  restart(behind: BankStore): void {
    this.#behind = behind;
    this.#incarnation++;
  }

  async read(ids: ArrayLike<number>): Promise<BankRows> {
    return this.#available().read(ids);
  }

  async write(rows: BankRows): Promise<void> {
    await this.hold;
    if (this.full) throw new Error('disk full');
    await this.#available().write(rows);
    this.written.push(Array.from(rows.ids));
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    await this.hold;
    await this.#available().remove(ids);
  }

  async count(): Promise<number> {
    return this.#available().count();
  }

  async *scan(batch?: number): AsyncIterable<BankRows> {
    yield* this.#available().scan(batch);
  }

  async incarnation(): Promise<string> {
    this.#available();
    return String(this.#incarnation);
  }

  async close(): Promise<void> {
    await this.#behind.close();
  }

  #available(): BankStore {
    if (this.away) throw new Error('switched off');
    return this.#behind;
  }
}
