import {
  bankAge,
  completeCandidates,
  coverageByPopularity,
  coverageBySequence,
  coverageOf,
  MemoryBank,
  type ReadableBank,
  readHistories,
  sampleStaleness,
  stalenessOf,
  stalest,
  uncovered,
} from '@sifaka/memory-bank';
import { dispose } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

function filledBank(): MemoryBank {
  const bank = new MemoryBank({ dim: 2, storage: 'float16', capacity: 4, evict: 'leastRead' });
  bank.write([1, 2, 3, 4, 5], Float32Array.of(1, 0, 0, 1, 1, 1, 2, 1, 1, 2), 3);
  bank.read([1, 2, 2, 5]);
  return bank;
}

/** Calls every read operation of a bank. */
function useAll(bank: ReadableBank): void {
  const ids = [1, 2, 99, -1, 5];
  bank.read(ids);
  bank.reader().read(ids);
  bank.has(1);
  bank.version(1);
  bank.reads(1);
  bank.idAt(0);
  bank.nearest([1, 1], 3, { exclude: [2] });
  bank.visit(() => {});
  bankAge(bank, 9);
  coverageOf(bank, ids);
  stalenessOf(bank, [1, 2], new Float32Array(4));
  sampleStaleness({ bank, encode: (drawn) => new Float32Array(2 * drawn.length), size: 3, seed: 1 });
  coverageBySequence(bank, { long: ids });
  coverageByPopularity({ bank, ids: [1, 2], counts: [3, 4] });
  stalest({ bank, step: 9, budget: 2 });
  uncovered({ bank, ids });
  const { vectors, mask } = completeCandidates(bank, [1, 99]);
  const histories = readHistories(bank, Int32Array.from(ids), 5);
  dispose([vectors, mask, histories.vectors, histories.mask]);
}

describe('a reader', () => {
  it('changes nothing: no vectors, steps, versions, reads or future evictions', () => {
    const bank = filledBank();
    const before = bank.snapshot();
    useAll(bank.reader());
    expect(bank.snapshot()).toEqual(before);
    // The same calls on the bank itself do change it, because its reads are counted.
    useAll(bank);
    expect(bank.snapshot()).not.toEqual(before);
  });

  it('has no method that writes', () => {
    const reader = filledBank().reader();
    const methods = new Set<string>();
    for (let at: object = reader; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
      for (const name of Object.getOwnPropertyNames(at)) methods.add(name);
    }
    for (const writer of ['write', 'merge', 'remove']) expect(methods.has(writer)).toBe(false);
    expect(reader).not.toBeInstanceOf(MemoryBank);
  });

  it("sees the bank's rows, also those written later", () => {
    const bank = filledBank();
    const reader = bank.reader();
    bank.write([7], Float32Array.of(3, 4), 8);
    expect([reader.dim, reader.size]).toEqual([2, 4]);
    expect(reader.read([7, 6])).toEqual(bank.peek([7, 6]));
    expect(reader.reader()).toBe(reader);
  });
});

describe('counts of reads', () => {
  it('grow by one per position read, and restart for reads since the last write', () => {
    const bank = new MemoryBank({ dim: 1 });
    bank.write([1, 2], Float32Array.of(1, 2), 0);
    bank.read([1, 1, 2, 3]);
    bank.peek([1, 2]);
    bank.write([1], Float32Array.of(1), 4);
    bank.read([1]);
    const rows: number[][] = [];
    bank.visit((...row) => rows.push(row));
    expect(rows).toEqual([
      [1, 4, 2, 3, 1],
      [2, 0, 1, 1, 1],
    ]);
    expect([1, 2, 3].map((id) => bank.reads(id))).toEqual([3, 1, 0]);
  });

  it('reads into a given array, with zeros for missing items', () => {
    const bank = new MemoryBank({ dim: 2 });
    bank.write([1], Float32Array.of(5, 6), 0);
    const into = new Float32Array(4).fill(9);
    expect(bank.read([3, 1], into).vectors).toBe(into);
    expect(into).toEqual(Float32Array.of(0, 0, 5, 6));
    expect(() => bank.read([1], into)).toThrow('MemoryBank.read: into: expected 1 × 2 values, got 4');
  });

  it('idAt returns the id of a row, and refuses others', () => {
    const bank = filledBank();
    expect(Array.from({ length: bank.size }, (_, row) => bank.idAt(row))).toEqual(Array.from(bank.snapshot().ids));
    for (const row of [-1, 4, 0.5]) expect(() => bank.idAt(row)).toThrow(`expected a row in 0 … 3, got ${row}`);
  });
});
