import { type BankSnapshotInput, MemoryBank } from '@sifaka/memory-bank';

/** Holds the training bank of a model: its own one, or one that was given and that others may share. */
export class TrainingBank {
  readonly #width: number;
  #bank: MemoryBank;
  #isGiven = false;

  /** @param width of the rows */
  constructor(width: number) {
    this.#width = width;
    this.#bank = new MemoryBank({ dim: width });
  }

  get current(): MemoryBank {
    return this.#bank;
  }

  /** @throws RangeError if the bank has another width. */
  replace(bank: MemoryBank): void {
    assertBankWidth('MultimodalRanker.replaceBank', bank, this.#width);
    this.#bank = bank;
    this.#isGiven = true;
  }

  /**
   * Prepares to restore a snapshot: into a bank that was given, so that a store behind it follows, or as a new bank
   * with the snapshot's capacity and storage.
   *
   * @returns a function that restores it.
   * @throws RangeError or TypeError if the snapshot is damaged, has another width or does not fit the given bank.
   */
  restorer(snapshot: BankSnapshotInput): () => void {
    if (this.#isGiven) {
      this.#bank.assertRestorable(snapshot);
      return () => this.#bank.restore(snapshot);
    }
    const bank = MemoryBank.from(snapshot);
    assertBankWidth('MultimodalRanker.bankRestorer', bank, this.#width);
    return () => {
      this.#bank = bank;
    };
  }
}

/** @throws RangeError if the bank's rows have another width; see `bankWidth`. */
export function assertBankWidth(where: string, { dim }: { readonly dim: number }, width: number): void {
  if (dim !== width) throw new RangeError(`${where}: expected a bank of width ${width}, got ${dim}`);
}
