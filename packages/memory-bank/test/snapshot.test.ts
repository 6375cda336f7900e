import { type BankSnapshot, MemoryBank } from '@sifaka/memory-bank';
import { describe, expect, it } from 'vitest';

function filledBank(): MemoryBank {
  const bank = new MemoryBank({ dim: 3, initialCapacity: 1 });
  // What a round trip by decimal text, or by arithmetic, would lose.
  bank.write([9, 2], Float32Array.of(-0, 1e-45, 3.4028234663852886e38, 0.1, 1 / 3, -1.1754943508222875e-38), 4);
  bank.write([2, 2147483647], Float32Array.of(1, 2, 3, 4, 5, 6), 11);
  return bank;
}

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

describe('snapshot', () => {
  it('lists items in the order of first writing, with exactly as many rows as are stored', () => {
    expect(filledBank().snapshot()).toEqual({
      dim: 3,
      ids: Int32Array.of(9, 2, 2147483647),
      vectors: Float32Array.of(-0, 1e-45, 3.4028234663852886e38, 1, 2, 3, 4, 5, 6),
      steps: Int32Array.of(4, 11, 11),
      versions: Int32Array.of(1, 2, 1),
    });
  });

  it('comes back bit for bit', () => {
    const snapshot = filledBank().snapshot();
    const again = MemoryBank.from(snapshot).snapshot();
    expect(again).toEqual(snapshot);
    expect(bits(again.vectors)).toEqual(bits(snapshot.vectors));
  });

  it('goes on as the original would, and neither sees what the other writes', () => {
    const original = filledBank();
    const copy = MemoryBank.from(original.snapshot());
    const write = (bank: MemoryBank) => bank.write([2, 30], Float32Array.of(3, 2, 1, 7, 8, 9), 12);
    const report = write(copy);
    expect(original.has(30)).toBe(false);
    expect(original.version(2)).toBe(2);
    expect(write(original)).toEqual(report);
    expect(copy.snapshot()).toEqual(original.snapshot());
    expect(copy.ageMedian(20)).toBe(original.ageMedian(20));
  });

  it('of an empty bank gives an empty bank that can be written', () => {
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
    ['expected each item once, got item 9 twice', { ids: Int32Array.of(9, 2, 9) }],
  ])('is refused where its parts disagree: %s', (message, wrong) => {
    const snapshot = { ...filledBank().snapshot(), ...wrong };
    expect(() => MemoryBank.from(snapshot)).toThrow(RangeError);
    expect(() => MemoryBank.from(snapshot)).toThrow(message);
  });
});
