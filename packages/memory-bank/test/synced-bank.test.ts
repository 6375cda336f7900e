import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BankRows,
  type BankStore,
  coverageOf,
  MemoryBank,
  MemoryStore,
  SyncedBank,
  type SyncedBankOptions,
} from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { describe, expect, it } from 'vitest';
import { SwitchedStore } from './switched-store.js';

const FAST = { delayMs: 1, retryMs: 1, longestRetryMs: 4 };
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** `[N, 2]`: every value the same. */
const filled = (count: number, value: number) => new Float32Array(count * 2).fill(value);

function newStore(): SwitchedStore {
  return new SwitchedStore(new MemoryStore({ dim: 2 }));
}

async function open(store: BankStore, options: Partial<SyncedBankOptions> = {}) {
  const warnings: string[] = [];
  const synced = await SyncedBank.open({ store, ...FAST, onWarning: (text) => warnings.push(text), ...options });
  return { synced, local: synced.local, warnings };
}

describe('SyncedBank', () => {
  it('starts with the rows of the store', async () => {
    const store = newStore();
    const rows: BankRows = {
      ids: Int32Array.of(5, 6),
      vectors: Float32Array.of(1, 2, 3, 4),
      steps: Int32Array.of(7, 8),
      versions: Int32Array.of(2, 9),
    };
    await store.write(rows);
    const { synced, local } = await open(store);
    expect(local.rows([5, 6])).toEqual(rows);
    expect(synced.metrics).toMatchObject({ pending: 0, failures: 0, away: false, refused: 0, overflowed: 0 });
    expect(Date.now() - synced.metrics.lastSync!).toBeLessThan(10_000);
    await synced.close();
  });

  it('writes to the local bank at once and to the store later', async () => {
    const store = newStore();
    const { synced, local } = await open(store);
    expect(synced.write([1, 2], Float32Array.of(1, 2, 3, 4), 0)).toMatchObject({ added: 2 });
    local.write([2], Float32Array.of(5, 6), 1); // As a training step does, which has only the local bank.
    expect(await store.count()).toBe(0);
    expect(synced.metrics.pending).toBe(2);
    await expect.poll(() => synced.metrics.pending).toBe(0);
    expect(await store.read([1, 2])).toEqual(local.rows([1, 2]));
    await synced.close();
  });

  it('sends only the latest row of an item, in batches', async () => {
    const store = newStore();
    const { synced } = await open(store, { batchRows: 4 });
    for (let step = 0; step < 5; step++) synced.write(range(0, 10), filled(10, step), step);
    await synced.flush();
    expect(store.written.flat().sort((a, b) => a - b)).toEqual(range(0, 10));
    expect(store.written.map((ids) => ids.length)).toEqual([4, 4, 2]);
    expect((await store.read([3])).versions).toEqual(Int32Array.of(5));
    await synced.close();
  });

  it('continues without the store, warns once per outage, and sends the missed rows later', async () => {
    const store = newStore();
    const { synced, local, warnings } = await open(store);
    for (const outage of [1, 2]) {
      store.away = true;
      synced.write([outage, 10], filled(2, outage), outage);
      await expect.poll(() => synced.metrics.failures).toBeGreaterThan(3 * outage);
      synced.write([20], filled(1, outage), outage);
      expect(await synced.prefetch([1, 2, 3])).toBe(0);
      expect(local.read([10]).vectors).toEqual(filled(1, outage));
      expect(synced.metrics).toMatchObject({ pending: 3, away: true });
      expect(warnings).toHaveLength(outage);
      store.away = false;
      await expect.poll(() => synced.metrics.pending).toBe(0);
      expect(synced.metrics.away).toBe(false);
    }
    expect(warnings[0]).toBe('SyncedBank: the switched store is away; continuing with the local bank: switched off');
    expect(await store.read([1, 2, 10, 20])).toEqual(local.rows([1, 2, 10, 20]));
    await synced.close();
  });

  it('notices that the store is back if only a look-up failed', async () => {
    const store = newStore();
    const { synced } = await open(store);
    store.away = true;
    expect(await synced.prefetch([1])).toBe(0);
    expect(synced.metrics.away).toBe(true);
    store.away = false;
    await expect.poll(() => synced.metrics.away).toBe(false);
    await synced.close();
  });

  it('a store that answers but refuses rows is one outage, not one per try', async () => {
    const store = newStore();
    const { synced, warnings } = await open(store);
    store.full = true;
    synced.write([1], filled(1, 1), 0);
    await expect.poll(() => synced.metrics.failures).toBeGreaterThan(5);
    expect(synced.metrics.away).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('disk full')]);
    store.full = false;
    await expect.poll(() => synced.metrics).toMatchObject({ pending: 0, away: false });
    await synced.close();
  });

  it('waits longer after each failure, up to a limit', async () => {
    const failuresIn = async (ms: number, longestRetryMs: number) => {
      const store = newStore();
      const { synced } = await open(store, { retryMs: 2, longestRetryMs });
      store.away = true;
      synced.write([1], filled(1, 1), 0);
      await new Promise((resolve) => setTimeout(resolve, ms));
      const { failures } = synced.metrics;
      store.away = false;
      await synced.close();
      return failures;
    };
    expect(await failuresIn(200, 10_000)).toBeLessThan(10); // After 2, 4, 8, … 128 ms; not every 2 ms.
    expect(await failuresIn(200, 2)).toBeGreaterThan(10);
  });

  it('loses nothing if the queue overflows', async () => {
    const store = newStore();
    const { synced, local } = await open(store, { maxPending: 10, batchRows: 7 });
    store.away = true;
    for (let step = 0; step < 50; step++) synced.write([step], filled(1, step), step);
    expect(synced.metrics).toMatchObject({ pending: 10, overflowed: 40 });
    await expect.poll(() => synced.metrics.away).toBe(true);
    store.away = false;
    await synced.flush();
    expect(await store.read(range(0, 50))).toEqual(local.rows(range(0, 50)));
    await synced.close();
  });

  it('loses nothing if the queue overflows during a slow write', async () => {
    const store = newStore();
    const { synced, local } = await open(store, { maxPending: 4 });
    let release = () => {};
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    synced.write(range(0, 4), filled(4, 1), 1);
    const flushed = synced.flush();
    for (let step = 2; step < 10; step++) synced.write([2 * step], filled(1, step), step);
    release();
    await flushed;
    expect(synced.metrics).toMatchObject({ pending: 0, overflowed: 8 });
    expect(await store.read(range(0, 20))).toEqual(local.rows(range(0, 20)));
    await synced.close();
  });

  it('sends all rows again to a store that lost its data', async () => {
    const store = newStore();
    const { synced, local } = await open(store, { batchRows: 3 });
    synced.write(range(0, 10), filled(10, 1), 1);
    await synced.flush();
    store.restart(new MemoryStore({ dim: 2 }));
    synced.write([3], filled(1, 2), 2);
    await synced.flush();
    expect(await store.read(range(0, 10))).toEqual(local.rows(range(0, 10)));
    await synced.close();
  });

  it('restores evicted rows from the store or from the queue', async () => {
    const store = newStore();
    const { synced, local } = await open(store, { bank: { capacity: 4 } });
    for (const id of range(0, 6)) synced.write([id], filled(1, id), id);
    store.away = true;
    expect(local.has(0)).toBe(false);
    expect(await synced.prefetch([0, 5, -1])).toBe(1);
    expect(local.read([0]).vectors).toEqual(filled(1, 0));
    store.away = false;
    await synced.flush();
    expect(await store.count()).toBe(6);
    expect(await synced.prefetch([1, 2, 99])).toBe(2);
    expect(local.read([1, 2]).found).toEqual(Uint8Array.of(1, 1));
    await synced.close();
  });

  it('rows restored together do not evict each other within the capacity', async () => {
    const store = newStore();
    const { synced, local } = await open(store, { bank: { capacity: 8, evict: 'oldest' } });
    for (const id of range(0, 24)) synced.write([id], filled(1, id), id);
    await synced.flush();
    expect(await synced.prefetch(range(0, 8))).toBe(8);
    expect(coverageOf(local, range(0, 8)).share).toBe(1);
    await synced.close();
  });

  it('an evicted item that is written again has a larger version than its old row in the store', async () => {
    const store = newStore();
    const { synced, local } = await open(store, { bank: { capacity: 2 } });
    for (let step = 0; step < 9; step++) synced.write([1], filled(1, step), step);
    synced.write([2], filled(1, 2), 10);
    synced.write([3], filled(1, 3), 11);
    await synced.flush();
    expect(local.has(1)).toBe(false);
    synced.write([1], filled(1, 50), 12);
    await synced.flush();
    expect((await store.read([1])).vectors).toEqual(filled(1, 50));
    await synced.close();
  });

  it('a look-up is not a write: reads since the last write continue to count', async () => {
    const { synced, local } = await open(newStore());
    synced.write([1], filled(1, 1), 0);
    await synced.flush();
    local.read([1, 1, 1]);
    expect(await synced.prefetch([1])).toBe(0);
    local.visit((_id, _step, _version, _reads, sinceWrite) => expect(sinceWrite).toBe(3));
    await synced.close();
  });

  it('removes rows from the bank and the store; later rows are new', async () => {
    const store = newStore();
    const { synced, local } = await open(store);
    synced.write([1, 2, 3], filled(3, 1), 0);
    await synced.flush();
    synced.write([1], filled(1, 2), 1);
    synced.remove([1, 2]);
    expect(await synced.prefetch([1, 2])).toBe(0); // The store still has these rows.
    synced.write([2], filled(1, 3), 2);
    await synced.flush();
    expect((await store.read([1, 2, 3])).ids).toEqual(Int32Array.of(2, 3));
    expect(local.rows([1, 2, 3]).vectors).toEqual(Float32Array.of(3, 3, 1, 1));
    await synced.close();
  });

  it('does not restore rows that are being removed', async () => {
    const store = newStore();
    const { synced, local } = await open(store);
    synced.write([1], filled(1, 1), 0);
    await synced.flush();
    let release = () => {};
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    synced.remove([1]);
    const flushed = synced.flush();
    await nextTurn(); // The removal is being sent.
    expect(await synced.prefetch([1])).toBe(0);
    release();
    await flushed;
    expect(local.has(1)).toBe(false);
    expect(await store.count()).toBe(0);
    await synced.close();
  });

  it('accepts a checkpoint; the newer rows of checkpoint and store win', async () => {
    const store = newStore();
    const before = await open(store);
    before.synced.write([1, 2], filled(2, 1), 1);
    await before.synced.close();
    const bank = new MemoryBank({ dim: 2 });
    bank.write([1, 3], filled(2, 5), 5);
    bank.write([1], filled(1, 6), 6);

    const { synced, local } = await open(store, { snapshot: bank.snapshot() });
    expect(local.rows([1, 2, 3]).vectors).toEqual(Float32Array.of(6, 6, 1, 1, 5, 5));
    await synced.flush();
    expect(await store.read([1, 2, 3])).toEqual(local.rows([1, 2, 3]));
    await synced.close();
    await expect(open(store, { snapshot: new MemoryBank({ dim: 3 }).snapshot() })).rejects.toThrow(
      'SyncedBank: expected a snapshot of dim 2 as in its store, got 3',
    );
  });

  it('keeps refused rows local and sends the rest', async () => {
    const store = new MemoryStore({ dim: 2, storage: 'float16' });
    const { synced, local, warnings } = await open(store);
    synced.write([1, 2, 3], Float32Array.of(1, 1, 70_000, 1, 3, 3), 0);
    await synced.flush();
    expect((await store.read([1, 2, 3])).ids).toEqual(Int32Array.of(1, 3));
    expect(local.read([2]).vectors[0]).toBe(70_000);
    expect(synced.metrics).toMatchObject({ pending: 0, refused: 1, away: false });
    expect(warnings).toEqual([expect.stringMatching(/^SyncedBank: item 2 stays local: .*magnitudes below/)]);
    await synced.close();
  });

  it('does not start without its store, and reports rows that are not in the store at the end', async () => {
    const store = newStore();
    store.away = true;
    await expect(open(store)).rejects.toThrow('switched off');
    store.away = false;
    const { synced, local } = await open(store);
    store.away = true;
    synced.write([1, 2], filled(2, 1), 0);
    await expect(synced.flush()).rejects.toThrow('switched off');
    await expect(synced.close()).rejects.toThrow('SyncedBank.close: 2 rows are not in the store: switched off');
    await synced.close();
    store.away = false;
    local.write([3], filled(1, 3), 1); // After closing, an ordinary bank.
    expect(synced.metrics.pending).toBe(2);
    expect(await store.count()).toBe(0);
  });

  it('refuses numbers of rows that are not positive integers', async () => {
    await expect(open(newStore(), { batchRows: 0 })).rejects.toThrow(
      'SyncedBank: expected a positive batchRows, got 0',
    );
    await expect(open(newStore(), { maxPending: 1.5 })).rejects.toThrow('expected a positive maxPending, got 1.5');
  });
});

describe('two SyncedBanks with one store', () => {
  it('a late write does not undo newer rows', async () => {
    const store = newStore();
    const [first, second] = [await open(store), await open(new SwitchedStore(store))];
    store.away = true;
    first.synced.write([1], filled(1, 1), 0);
    await expect.poll(() => first.synced.metrics.away).toBe(true);
    store.away = false;
    for (let step = 1; step < 4; step++) second.synced.write([1], filled(1, 10 * step), step);
    await second.synced.flush();
    await first.synced.flush();
    expect((await store.read([1])).vectors).toEqual(filled(1, 30));
    expect(await first.synced.prefetch([1])).toBe(1);
    expect(first.local.rows([1])).toEqual(second.local.rows([1]));
    await first.synced.close();
    await second.synced.close();
  });

  it.each([1, 2, 3])('agree after random writes, outages, evictions and look-ups (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const shared = new MemoryStore({ dim: 2 });
    const stores = [new SwitchedStore(shared), new SwitchedStore(shared)];
    const banks = [await open(stores[0]!), await open(stores[1]!, { maxPending: 5 })];
    for (let step = 0; step < 200; step++) {
      const side = below(2);
      const { synced } = banks[side]!;
      const ids = Array.from({ length: 1 + below(4) }, () => below(12));
      const act = random();
      if (act < 0.6) synced.write(ids, filled(ids.length, random()), step);
      else if (act < 0.75) await synced.prefetch(ids);
      else if (act < 0.9) await synced.flush().catch(() => undefined);
      else stores[side]!.away = !stores[side]!.away;
    }
    for (const store of stores) store.away = false;
    for (const { synced } of banks) await synced.flush();
    for (const { synced } of banks) await synced.prefetch(range(0, 12));
    const held = await shared.read(range(0, 12));
    for (const { synced, local } of banks) {
      expect(local.rows(range(0, 12))).toEqual(held);
      await synced.close();
    }
  });
});
