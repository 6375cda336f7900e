const EMPTY = -1;
const MAX_LOAD = 0.75;
const MAX_BITS = 30;

/**
 * Maps integers ≥ 0 to row numbers, by open addressing with linear probing. A slot takes 8 bytes; a `Map` takes about
 * 40 bytes and two dependent look-ups. Key and row are adjacent, so a look-up costs one cache line.
 */
export class IntIndex {
  #slots: Int32Array;
  #bits: number;
  #size = 0;

  /** @param expected number of keys to allocate for. */
  constructor(expected = 0) {
    this.#bits = Math.max(4, Math.ceil(Math.log2(Math.max(1, expected) / MAX_LOAD)));
    this.#slots = emptySlots(this.#bits);
  }

  get size(): number {
    return this.#size;
  }

  /** The key's row, or −1. A negative key has none. */
  find(key: number): number {
    if (key < 0) return -1;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = slotOf(key, this.#bits);
    for (;;) {
      const found = slots[at]!;
      if (found === key) return slots[at + 1]!;
      if (found === EMPTY) return -1;
      at = (at + 2) & mask;
    }
  }

  /** Adds a key or changes its row. */
  set(key: number, row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = slotOf(key, this.#bits);
    while (slots[at] !== EMPTY && slots[at] !== key) at = (at + 2) & mask;
    if (slots[at] === EMPTY) {
      if ((this.#size + 1) * 2 > slots.length * MAX_LOAD) {
        this.#grow();
        this.set(key, row);
        return;
      }
      this.#size++;
    }
    slots[at] = key;
    slots[at + 1] = row;
  }

  /** Removes a key. Later keys of the same run move up, so that no tombstones are needed. */
  delete(key: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = slotOf(key, this.#bits);
    while (slots[hole] !== key) {
      if (slots[hole] === EMPTY) return;
      hole = (hole + 2) & mask;
    }
    for (let at = (hole + 2) & mask; slots[at] !== EMPTY; at = (at + 2) & mask) {
      const home = slotOf(slots[at]!, this.#bits);
      // A key whose home lies between the hole and itself must stay.
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at]!;
      slots[hole + 1] = slots[at + 1]!;
      hole = at;
    }
    slots[hole] = EMPTY;
    this.#size--;
  }

  /** Removes all keys. The space stays allocated. */
  clear(): void {
    this.#slots.fill(EMPTY);
    this.#size = 0;
  }

  #grow(): void {
    if (this.#bits >= MAX_BITS)
      throw new RangeError(`IntIndex: expected at most ${2 ** MAX_BITS * MAX_LOAD} keys, got one more`);
    const old = this.#slots;
    this.#bits++;
    this.#slots = emptySlots(this.#bits);
    this.#size = 0;
    for (let at = 0; at < old.length; at += 2) if (old[at] !== EMPTY) this.set(old[at]!, old[at + 1]!);
  }
}

function emptySlots(bits: number): Int32Array {
  return new Int32Array(2 ** (bits + 1)).fill(EMPTY);
}

/** Fibonacci hashing: the upper bits of the key times 2³² / φ. It spreads adjacent ids. */
function slotOf(key: number, bits: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> (32 - bits)) << 1;
}
