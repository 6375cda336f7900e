import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryBank, MemoryStore, SyncedBank, type SyncedBankOptions } from '@sifaka/memory-bank';
import { describe, expect, it } from 'vitest';
import { SwitchedStore } from './switched-store.js';

const filled = (count: number, value: number) => new Float32Array(count * 2).fill(value);
const rowsOf = (ids: readonly number[], value: number, version: number) => ({
  ids: Int32Array.from(ids),
  vectors: filled(ids.length, value),
  steps: new Int32Array(ids.length),
  versions: new Int32Array(ids.length).fill(version),
});

async function open(options: Partial<SyncedBankOptions> = {}) {
  const store = new SwitchedStore(new MemoryStore({ dim: 2 }));
  const synced = await SyncedBank.open({ store, delayMs: 1, retryMs: 1, ...options });
  return { store, synced, local: synced.local };
}

describe('The store of a SyncedBank follows its local bank', () => {
  it('after a removal', async () => {
    const { store, synced, local } = await open();
    local.write([1, 2], filled(2, 1), 1);
    await synced.flush();
    local.remove([1, -1]);
    expect(synced.metrics.pending).toBe(1);
    await synced.flush();
    expect(await store.count()).toBe(1);
    expect(await synced.prefetch([1])).toBe(0);
    expect(local.has(1)).toBe(false);
    local.write([1], filled(1, 2), 2); // New, with a version above the removed one.
    await synced.flush();
    expect(await store.read([1, 2])).toEqual(local.rows([1, 2]));
    await synced.close();
  });

  it('after a removal of an item that only the store holds', async () => {
    const { store, synced, local } = await open({ bank: { capacity: 1 } });
    local.write([1], filled(1, 1), 1);
    local.write([2], filled(1, 2), 2);
    await synced.flush();
    expect([local.has(1), await store.count()]).toEqual([false, 2]);
    local.remove([1]);
    await synced.flush();
    expect((await store.read([1, 2])).ids).toEqual(Int32Array.of(2));
    await synced.close();
  });

  it('after a merge, but does not get its own rows back', async () => {
    const { store, synced, local } = await open();
    local.merge(rowsOf([4, 5], 7, 3));
    await synced.flush();
    expect(await store.read([4, 5])).toEqual(local.rows([4, 5]));
    await store.write(rowsOf([6], 8, 9));
    const written = store.written.length;
    expect(await synced.prefetch([4, 5, 6])).toBe(1);
    expect(synced.metrics.pending).toBe(0);
    await synced.flush();
    expect(store.written).toHaveLength(written);
    await synced.close();
  });

  it.each(['write', 'merge'] as const)('after a %s of more rows than the capacity', async (kind) => {
    const { store, synced, local } = await open({ bank: { capacity: 2 } });
    const ids = [1, 2, 3, 4, 5];
    if (kind === 'write') local.write(ids, filled(5, 1), 1);
    else local.merge(rowsOf(ids, 1, 1));
    await synced.flush();
    expect(local.size).toBe(2);
    expect((await store.read(ids)).ids).toEqual(Int32Array.from(ids));
    await synced.close();
  });

  it('after a restored snapshot: restored rows, also over later ones, and later writes', async () => {
    const { store, synced, local } = await open();
    local.write([1, 2], filled(2, 1), 1);
    const snapshot = local.snapshot();
    for (let step = 2; step < 6; step++) local.write([2, 3], filled(2, step), step);
    await synced.flush();
    expect((await store.read([2])).versions).toEqual(Int32Array.of(5));

    local.restore(snapshot);
    expect(await synced.prefetch([2])).toBe(0); // The later row is on its way out.
    await synced.flush();
    expect(local.snapshot()).toEqual(snapshot);
    expect(await store.read([1, 2])).toEqual(local.rows([1, 2]));
    local.write([2, 3], filled(2, 9), 2);
    await synced.flush();
    expect(local.version(2)).toBe(2);
    expect(await store.read([1, 2, 3])).toEqual(local.rows([1, 2, 3]));
    await synced.close();
  });

  it('after a restored snapshot: other items stay in the store, as evicted ones do', async () => {
    const { synced, local } = await open();
    local.write([1], filled(1, 1), 1);
    const snapshot = local.snapshot();
    local.write([3], filled(1, 3), 2);
    local.write([3], filled(1, 4), 3);
    await synced.flush();
    local.restore(snapshot);
    await synced.flush();
    expect(local.has(3)).toBe(false);
    expect(await synced.prefetch([3])).toBe(1);
    expect(local.read([3]).vectors).toEqual(filled(1, 4));
    await synced.close();
  });

  it('after a snapshot with an item that was evicted, or whose later row waits in the queue', async () => {
    const { store, synced, local } = await open({ bank: { capacity: 2 } });
    local.write([1, 2], filled(2, 1), 1);
    const snapshot = local.snapshot();
    for (let step = 2; step < 6; step++) local.write([1], filled(1, step), step);
    await synced.flush();
    store.away = true;
    local.write([2], filled(1, 6), 6);
    local.write([3, 4], filled(2, 7), 7);
    expect([local.has(1), local.has(2)]).toEqual([false, false]);
    local.restore(snapshot);
    store.away = false;
    await synced.flush();
    expect(await store.read([1, 2])).toEqual(local.rows([1, 2]));
    await synced.close();
  });

  it('if a row changes without a new version while it is being sent', async () => {
    const { store, synced, local } = await open();
    let release = () => {};
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    local.merge(rowsOf([1], 1, 3));
    const flushed = synced.flush();
    await nextTurn(); // The row is being sent.
    local.merge(rowsOf([1], 2, 3));
    release();
    await flushed;
    expect((await store.read([1])).vectors).toEqual(filled(1, 2));
    await synced.close();
  });

  it('if the local bank is a checkpoint that was restored while later rows are being sent', async () => {
    const { store, synced, local } = await open();
    local.write([1], filled(1, 1), 1);
    const snapshot = local.snapshot();
    local.write([1], filled(1, 2), 2);
    let release = () => {};
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    const flushed = synced.flush();
    await nextTurn();
    local.restore(snapshot);
    local.write([1], filled(1, 9), 2); // The version that is being sent.
    release();
    await flushed;
    expect(await store.read([1])).toEqual(local.rows([1]));
    await synced.close();
  });

  it('after a removal that failed at first', async () => {
    const { store, synced, local } = await open({ onWarning: () => undefined });
    local.write([1, 2], filled(2, 1), 1);
    await synced.flush();
    store.hold = Promise.reject(new Error('read-only')); // The store answers, but refuses changes.
    store.hold.catch(() => undefined);
    local.remove([1]);
    await expect.poll(() => synced.metrics.failures).toBeGreaterThan(1);
    expect(synced.metrics.pending).toBe(1);
    store.hold = undefined;
    await synced.flush();
    expect((await store.read([1, 2])).ids).toEqual(Int32Array.of(2));
    await synced.close();
  });

  it('until it is closed', async () => {
    const { store, synced, local } = await open();
    await synced.close();
    local.merge(rowsOf([1], 1, 1));
    local.restore(new MemoryBank({ dim: 2, evict: 'leastRead' }).snapshot());
    local.remove([1]);
    expect(synced.metrics.pending).toBe(0);
    expect(await store.count()).toBe(0);
  });
});
