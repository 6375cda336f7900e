import {
  completeCandidates,
  coverageByPopularity,
  coverageOf,
  MemoryBank,
  MemoryStore,
  readHistories,
  SyncedBank,
  stalenessOf,
  uncovered,
} from '@sifaka/memory-bank';
import { tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const INVALID = [Number.NaN, 0.5, 2 ** 31, Number.POSITIVE_INFINITY, '0' as unknown as number];

/** A bank with the items 0 and 1, which rounded ids would name. */
function filledBank(): MemoryBank {
  const bank = new MemoryBank({ dim: 1 });
  bank.write([0, 1], Float32Array.of(10, 11), 0);
  return bank;
}

describe.each(INVALID)('the id %s is refused by', (id) => {
  it.each<[string, (bank: MemoryBank) => unknown]>([
    ['MemoryBank.read', (bank) => bank.read([1, id])],
    ['MemoryBank.read', (bank) => bank.peek([1, id])],
    ['MemoryBank.read', (bank) => bank.reader().read([1, id])],
    ['MemoryBank.rows', (bank) => bank.rows([1, id])],
    ['MemoryBank.remove', (bank) => bank.remove([1, id])],
    ['MemoryBank.write', (bank) => bank.write([1, id], Float32Array.of(1, 2), 0)],
    ['MemoryBank.has', (bank) => bank.has(id)],
    ['MemoryBank.has', (bank) => bank.reader().has(id)],
    ['MemoryBank.version', (bank) => bank.version(id)],
    ['MemoryBank.reads', (bank) => bank.reader().reads(id)],
    ['MemoryBank.nearest: exclude', (bank) => bank.nearest([1], 1, { exclude: [id] })],
    ['completeCandidates', (bank) => completeCandidates(bank, [1, id])],
    ['MemoryBank.read', (bank) => stalenessOf(bank, [1, id], new Float32Array(2))],
    ['coverageOf', (bank) => coverageOf(bank, [1, id])],
    ['coverageByPopularity', (bank) => coverageByPopularity({ bank, ids: [1, id], counts: [1, 1] })],
    ['uncovered', (bank) => uncovered({ bank, ids: [1, id] })],
  ])('%s', (where, call) => {
    const bank = filledBank();
    const before = bank.snapshot();
    expect(() => call(bank)).toThrow(RangeError);
    expect(() => call(bank)).toThrow(where);
    expect(() => call(bank)).toThrow(`got ${id}`);
    expect(bank.snapshot()).toEqual(before);
  });

  it('the joins, as a fresh id', () => {
    const fresh = { ids: [id], vectors: tensor2d([[1]]) };
    const joins = [
      () => completeCandidates(filledBank(), [1], fresh),
      () => readHistories(filledBank(), Int32Array.of(1), 1, fresh),
    ];
    for (const join of joins) expect(join).toThrow(`fresh ids: expected ids below 2³¹, got ${id} at 0`);
    fresh.vectors.dispose();
  });

  it('SyncedBank, without a failure of the store', async () => {
    const synced = await SyncedBank.open({ store: new MemoryStore({ dim: 1 }) });
    await expect(synced.prefetch([1, id])).rejects.toThrow(
      `SyncedBank.prefetch: expected ids below 2³¹, got ${id} at 1`,
    );
    expect(() => synced.remove([1, id])).toThrow(`MemoryBank.remove: expected ids below 2³¹, got ${id} at 1`);
    expect(synced.metrics).toMatchObject({ failures: 0, pending: 0 });
    await synced.close();
  });
});
