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
import { damage } from './damage.js';

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
    ['steps: expected integers in 0 … 2³¹ − 1, got -1 at 1', { steps: Int32Array.of(4, -1, 11) }],
    ['versions: expected integers in 0 … 2³¹ − 1, got -2 at 2', { versions: Int32Array.of(1, 2, -2) }],
    ['reads: expected integers in 0 … 2³¹ − 1, got -5 at 0', { reads: Int32Array.of(-5, 0, 0) }],
    ['item 2: expected at most 0 readsAtWrite, got 1', { readsAtWrite: Int32Array.of(0, 1, 0) }],
    ['victims: expected integers in 0 … 2³¹ − 1, got -1 at 1', { victims: Int32Array.of(9, -1, 0) }],
    ['item 2: expected finite values in float32', { vectors: Float32Array.of(1, 2, 3, 4, Number.NaN, 6, 7, 8, 9) }],
    ['item 9: expected finite values in float32', { vectors: new Float32Array(9).fill(Number.NEGATIVE_INFINITY) }],
    ['MemoryBank: expected a positive dim, got 0', { dim: 0 }],
    ['MemoryBank: expected a dim of at most 65536, got 65537', { dim: 65_537 }],
    ['MemoryBank: expected a positive capacity, got NaN', { capacity: Number.NaN }],
    ['MemoryBank: expected evict oldest or leastRead, got valueOf', { evict: 'valueOf' as 'oldest' }],
    ['vectorCodec: expected float32, float16, int8, got toString', { storage: 'toString' as 'int8' }],
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

  it.each<[BankSnapshot['storage'], Partial<BankSnapshot>]>([
    ['float16', { vectors: Uint16Array.of(0, 1, 0x7c00, 0) }],
    ['float16', { vectors: Uint16Array.of(0, 1, 0xfe01, 0) }],
    ['int8', { scales: Float32Array.of(1, Number.NaN) }],
    ['int8', { scales: Float32Array.of(1, -1) }],
    ['int8', { scales: Float32Array.of(1, 3e36) }],
    ['int8', { vectors: Int8Array.of(1, 2, -128, 3) }],
  ])('refuses values of %s that are not finite: %o', (storage, wrong) => {
    const bank = new MemoryBank({ dim: 2, storage });
    bank.write([5, 6], Float32Array.of(1, 2, 3, 4), 0);
    expect(() => MemoryBank.from({ ...bank.snapshot(), ...wrong })).toThrow(
      `MemoryBank.from: item 6: expected finite values in ${storage}`,
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no width', { dim: undefined }, 'metadata dim: expected an integer, got none'],
    ['a width that is not a number', { dim: 'abc' }, 'metadata dim: expected an integer, got abc'],
    ['a width in a list', { dim: ['3'] }, 'metadata dim: expected a text, got object'],
    ['a fraction as capacity', { capacity: '1.5' }, 'metadata capacity: expected an integer, got 1.5'],
    ['an unknown storage', { storage: '__proto__' }, 'vectorCodec: expected float32, float16, int8, got __proto__'],
    ['another storage', { storage: 'int8' }, 'expected vectors as U8, got F32'],
  ])('refuses a file with %s', (_, wrong, message) => {
    const { tensors, metadata } = readSafetensors(writeBankSnapshot(filledBank().snapshot()));
    const changed = { ...metadata, ...wrong } as Record<string, string>;
    expect(() => readBankSnapshot({ tensors, metadata: changed })).toThrow(message);
  });

  it('refuses half a value of float16', () => {
    const bank = new MemoryBank({ dim: 1, storage: 'float16' });
    bank.write([1], Float32Array.of(1), 0);
    const { tensors, metadata } = readSafetensors(writeBankSnapshot(bank.snapshot()));
    const vectors = { dtype: 'U8', shape: [3], data: new Uint8Array(3) } as const;
    const file = { tensors: new Map([...tensors, ['vectors', vectors]]), metadata };
    expect(() => readBankSnapshot(file)).toThrow('readBankSnapshot: vectors: expected values of 2 bytes, got 3 bytes');
  });

  it.each(['float32', 'float16', 'int8'] as const)(
    'of %s: a damaged file is refused by name, or gives a sound bank',
    (storage) => {
      const bank = new MemoryBank({ dim: 5, storage, capacity: 200, evict: 'leastRead' });
      simulate(bank, 1);
      const file = writeBankSnapshot(bank.snapshot());
      let refused = 0;
      for (let seed = 0; seed < 400; seed++) {
        const { name, bytes } = damage(file, seed);
        try {
          const restored = MemoryBank.from(readBankSnapshot(bytes));
          const { ids, vectors } = {
            ids: restored.snapshot().ids,
            vectors: restored.read(restored.snapshot().ids).vectors,
          };
          if (new Set(ids).size !== ids.length || !vectors.every(Number.isFinite)) throw new TypeError('unsound');
          simulate(restored, 2);
        } catch (error) {
          refused++;
          const { message } = error as Error;
          expect(message, name).toMatch(
            /^(readSafetensors|readBankSnapshot|MemoryBank\.from|MemoryBank|vectorCodec): /,
          );
          expect(message.length, name).toBeLessThan(2000);
        }
      }
      expect(refused).toBeGreaterThan(100);
    },
  );

  it('refuses vectors of another storage, and a file without them', () => {
    const snapshot = { ...filledBank().snapshot(), storage: 'float16' as const };
    expect(() => MemoryBank.from(snapshot)).toThrow('MemoryBank.from: vectors: expected Uint16Array, got Float32Array');
    const { tensors, metadata } = readSafetensors(writeBankSnapshot(filledBank().snapshot()));
    const others = new Map([...tensors].filter(([name]) => name !== 'vectors'));
    expect(() => readBankSnapshot({ tensors: others, metadata })).toThrow('expected vectors as F32, got none');
  });
});
