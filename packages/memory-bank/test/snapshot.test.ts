import {
  type BankSnapshot,
  MemoryBank,
  type MemoryBankOptions,
  readBankSnapshot,
  type StoredVectors,
  writeBankSnapshot,
} from '@sifaka/memory-bank';
import { readSafetensors, seededRandom } from '@sifaka/nn';
import { describe, expect, it } from 'vitest';

function filledBank(): MemoryBank {
  const bank = new MemoryBank({ dim: 3, initialCapacity: 1 });
  // Values that a round trip through decimal text or arithmetic would lose.
  bank.write([9, 2], Float32Array.of(-0, 1e-45, 3.4028234663852886e38, 0.1, 1 / 3, -1.1754943508222875e-38), 4);
  bank.write([2, 2147483647], Float32Array.of(1, 2, 3, 4, 5, 6), 11);
  return bank;
}

const bits = (values: StoredVectors): Uint8Array => new Uint8Array(values.slice().buffer);

describe('snapshot', () => {
  it('lists items in the order of their first write, with one row per item', () => {
    expect(filledBank().snapshot()).toEqual({
      dim: 3,
      storage: 'float32',
      capacity: undefined,
      evict: 'oldest',
      ids: Int32Array.of(9, 2, 2147483647),
      vectors: Float32Array.of(-0, 1e-45, 3.4028234663852886e38, 1, 2, 3, 4, 5, 6),
      steps: Int32Array.of(4, 11, 11),
      scales: new Float32Array(0),
      versions: Int32Array.of(1, 2, 1),
      reads: new Int32Array(3),
      readsAtWrite: new Int32Array(3),
      victims: new Int32Array(0),
    });
  });

  it('restores bit for bit', () => {
    const snapshot = filledBank().snapshot();
    const again = MemoryBank.from(snapshot).snapshot();
    expect(again).toEqual(snapshot);
    expect(bits(again.vectors)).toEqual(bits(snapshot.vectors));
  });

  it('gives a bank that behaves like the original, and is independent of it', () => {
    const original = filledBank();
    const copy = MemoryBank.from(original.snapshot());
    const write = (bank: MemoryBank) => bank.write([2, 30], Float32Array.of(3, 2, 1, 7, 8, 9), 12);
    const report = write(copy);
    expect(original.has(30)).toBe(false);
    expect(original.version(2)).toBe(2);
    expect(write(original)).toEqual(report);
    expect(copy.snapshot()).toEqual(original.snapshot());
  });

  it('of an empty bank gives an empty, writable bank', () => {
    const bank = MemoryBank.from(new MemoryBank({ dim: 2 }).snapshot());
    expect(bank.size).toBe(0);
    bank.write([1], Float32Array.of(1, 2), 0);
    expect(bank.read([1]).vectors).toEqual(Float32Array.of(1, 2));
  });

  it.each<[string, Partial<BankSnapshot>]>([
    ['vectors: expected 3 × 2 values, got 9', { dim: 2 }],
    ['vectors: expected 3 × 3 values, got 3', { vectors: new Float32Array(3) }],
    ['steps: expected 3 × 1 values, got 2', { steps: new Int32Array(2) }],
    ['versions: expected 3 × 1 values, got 4', { versions: new Int32Array(4) }],
    ['reads: expected 3 × 1 values, got 1', { reads: new Int32Array(1) }],
    ['scales: expected 0 × 1 values, got 3', { scales: new Float32Array(3) }],
    ['victims: expected a multiple of 3 values, got 2', { victims: new Int32Array(2) }],
    ['expected at most 2 items, got 3', { capacity: 2 }],
    ['expected ids of 0 or more, got -3', { ids: Int32Array.of(9, -3, 5) }],
    ['expected each item once, got item 9 twice', { ids: Int32Array.of(9, 2, 9) }],
  ])('is refused if its parts do not match: %s', (message, wrong) => {
    const snapshot = { ...filledBank().snapshot(), ...wrong };
    expect(() => MemoryBank.from(snapshot)).toThrow(RangeError);
    expect(() => MemoryBank.from(snapshot)).toThrow(message);
  });
});

describe('snapshot of every kind of bank', () => {
  const kinds: [string, MemoryBankOptions][] = [
    ['float16', { dim: 5, storage: 'float16' }],
    ['int8', { dim: 5, storage: 'int8' }],
    ['full, oldest first', { dim: 5, storage: 'int8', capacity: 200, evict: 'oldest' }],
    ['full, least read first', { dim: 5, storage: 'float16', capacity: 200, evict: 'leastRead' }],
  ];

  /** Writes, reads and removes items; the same for the same seed. */
  function simulate(bank: MemoryBank, seed: number): void {
    const random = seededRandom(seed);
    for (let step = 100 * seed; step < 100 * (seed + 1); step++) {
      const ids = Array.from({ length: 7 }, () => Math.floor(600 * random()));
      bank.write(
        ids,
        Float32Array.from({ length: 35 }, () => 2 * random() - 1),
        step,
      );
      bank.read(Array.from({ length: 20 }, () => Math.floor(600 * random() ** 2)));
      if (step % 10 === 0) bank.remove([Math.floor(600 * random())]);
    }
  }

  it.each(kinds)('%s: restores bit for bit, also through a file, and behaves like the original', (_, options) => {
    const original = new MemoryBank(options);
    simulate(original, 1);
    const snapshot = original.snapshot();
    const file = writeBankSnapshot(snapshot);
    const copies = [
      MemoryBank.from(snapshot),
      MemoryBank.from(readBankSnapshot(file)),
      MemoryBank.from(readBankSnapshot(readSafetensors(file))),
    ];
    simulate(original, 2);
    for (const copy of copies) {
      expect(copy.snapshot()).toEqual(snapshot);
      expect(bits(copy.snapshot().vectors)).toEqual(bits(snapshot.vectors));
      simulate(copy, 2);
      expect(copy.snapshot()).toEqual(original.snapshot());
    }
    expect(original.snapshot()).not.toEqual(snapshot);
  });

  it('accepts snapshots of the first format, without storage and reads', () => {
    const { ids, vectors, steps, versions } = filledBank().snapshot();
    const bank = MemoryBank.from({ dim: 3, ids, vectors, steps, versions });
    expect(bank.snapshot()).toEqual(filledBank().snapshot());
  });

  it('refuses vectors of another storage, and a file without them', () => {
    const snapshot = { ...filledBank().snapshot(), storage: 'float16' as const };
    expect(() => MemoryBank.from(snapshot)).toThrow('MemoryBank.from: vectors: expected Uint16Array, got Float32Array');
    const { tensors, metadata } = readSafetensors(writeBankSnapshot(filledBank().snapshot()));
    const others = new Map([...tensors].filter(([name]) => name !== 'vectors'));
    expect(() => readBankSnapshot({ tensors: others, metadata })).toThrow('expected vectors as F32, got none');
  });
});
