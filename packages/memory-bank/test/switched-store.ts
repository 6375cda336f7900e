import type { BankRows, BankStore } from '@sifaka/memory-bank';

/** A store in front of another, to be switched off and on, that notes what it was given. */
export class SwitchedStore implements BankStore {
  readonly kind = 'switched';
  readonly dim: number;
  away = false;
  /** As a full disk does: everything works but writing. */
  full = false;
  /** What a write or removal waits for before it happens. */
  hold: Promise<void> | undefined;
  /** Ids of each write that was acknowledged. */
  readonly written: (readonly number[])[] = [];
  #behind: BankStore;
  #incarnation = 1;

  constructor(behind: BankStore) {
    this.#behind = behind;
    this.dim = behind.dim;
  }

  /** What a restart without its data is. */
  restart(behind: BankStore): void {
    this.#behind = behind;
    this.#incarnation++;
  }

  async read(ids: ArrayLike<number>): Promise<BankRows> {
    return this.#answer().read(ids);
  }

  async write(rows: BankRows): Promise<void> {
    await this.hold;
    if (this.full) throw new Error('disk full');
    await this.#answer().write(rows);
    this.written.push(Array.from(rows.ids));
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    await this.hold;
    await this.#answer().remove(ids);
  }

  async count(): Promise<number> {
    return this.#answer().count();
  }

  async *scan(batch?: number): AsyncIterable<BankRows> {
    yield* this.#answer().scan(batch);
  }

  async incarnation(): Promise<string> {
    this.#answer();
    return String(this.#incarnation);
  }

  async close(): Promise<void> {
    await this.#behind.close();
  }

  #answer(): BankStore {
    if (this.away) throw new Error('switched off');
    return this.#behind;
  }
}
