import type { BankRows, BankStore } from '@sifaka/memory-bank';
import { afterEach, describe, expect, it } from 'vitest';

const DIM = 3;

/** Rows `[v, −v, 127]` of small integers, which every storage stores exactly. */
function rowsOf(
  ...entries: readonly (readonly [id: number, value: number, step: number, version: number])[]
): BankRows {
  return {
    ids: Int32Array.from(entries, ([id]) => id),
    vectors: Float32Array.from(entries.flatMap(([, value]) => [value, -value, 127])),
    steps: Int32Array.from(entries, ([, , step]) => step),
    versions: Int32Array.from(entries, ([, , , version]) => version),
  };
}

/**
 * Tests the contract of {@link BankStore}.
 *
 * @param open creates an empty store of a width; the suite closes it
 */
export function storeContract(name: string, open: (dim: number) => Promise<BankStore>): void {
  describe(`${name} as a BankStore`, () => {
    const stores: BankStore[] = [];
    const opened = async (): Promise<BankStore> => {
      const store = await open(DIM);
      stores.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });
    const everything = async (store: BankStore, batch?: number): Promise<Map<number, number[]>> => {
      const found = new Map<number, number[]>();
      for await (const { ids, vectors, steps, versions } of store.scan(batch)) {
        if (batch !== undefined) expect(ids.length).toBeLessThanOrEqual(batch);
        ids.forEach((id, i) => {
          expect(found.has(id), `item ${id} twice`).toBe(false);
          found.set(id, [...vectors.subarray(i * DIM, (i + 1) * DIM), steps[i]!, versions[i]!]);
        });
      }
      return found;
    };

    it('starts empty', async () => {
      const store = await opened();
      expect(store.dim).toBe(DIM);
      expect(await store.count()).toBe(0);
      expect(await store.read([1, 2])).toEqual(rowsOf());
      expect(await everything(store)).toEqual(new Map());
      await store.write(rowsOf());
      await store.remove([]);
      await store.remove([7]);
      expect(await store.count()).toBe(0);
    });

    it('reads rows in the order of the ids, without missing items and padding', async () => {
      const store = await opened();
      const rows = rowsOf([7, 5, 10, 1], [0, -2, 11, 4], [2 ** 31 - 1, 100, 0, 2]);
      await store.write(rows);
      expect(await store.read([0, 9, 2 ** 31 - 1, -1, 7])).toEqual(
        rowsOf([0, -2, 11, 4], [2 ** 31 - 1, 100, 0, 2], [7, 5, 10, 1]),
      );
      expect(await store.read([7, 7])).toEqual(rowsOf([7, 5, 10, 1], [7, 5, 10, 1]));
      expect(await store.count()).toBe(3);
    });

    it('replaces rows of an equal or smaller version; a late writer does not undo a newer row', async () => {
      const store = await opened();
      await store.write(rowsOf([1, 10, 5, 3], [2, 20, 5, 3], [3, 30, 5, 3]));
      await store.write(rowsOf([1, 11, 4, 2], [2, 21, 6, 3], [3, 31, 7, 4], [4, 41, 7, 1]));
      expect(await store.read([1, 2, 3, 4])).toEqual(
        rowsOf([1, 10, 5, 3], [2, 21, 6, 3], [3, 31, 7, 4], [4, 41, 7, 1]),
      );
      expect(await store.count()).toBe(4);
    });

    it('keeps the later row of an id that occurs twice in a call, unless its version is smaller', async () => {
      const store = await opened();
      await store.write(
        rowsOf([1, 10, 1, 1], [1, 11, 2, 2], [2, 20, 2, 2], [2, 21, 1, 1], [3, 30, 1, 1], [3, 31, 1, 1]),
      );
      expect(await store.read([1, 2, 3])).toEqual(rowsOf([1, 11, 2, 2], [2, 20, 2, 2], [3, 31, 1, 1]));
      expect(await store.count()).toBe(3);
    });

    it('copies rows when it writes and when it reads', async () => {
      const store = await opened();
      const rows = rowsOf([1, 10, 1, 1]);
      await store.write(rows);
      rows.vectors.fill(99);
      rows.steps.fill(99);
      (await store.read([1])).vectors.fill(98);
      expect(await store.read([1])).toEqual(rowsOf([1, 10, 1, 1]));
    });

    it('removes rows; the next row of the item may have any version', async () => {
      const store = await opened();
      await store.write(rowsOf([1, 10, 1, 5], [2, 20, 1, 5]));
      await store.remove([1, 77, -1]);
      expect(await store.read([1, 2])).toEqual(rowsOf([2, 20, 1, 5]));
      expect(await store.count()).toBe(1);
      await store.write(rowsOf([1, 11, 2, 1]));
      expect(await store.read([1])).toEqual(rowsOf([1, 11, 2, 1]));
    });

    it('scans every row once, in batches', async () => {
      const store = await opened();
      const entries = Array.from({ length: 250 }, (_, i) => [i * 7919, i % 128, i, 1 + (i % 3)] as const);
      await store.write(rowsOf(...entries));
      const expected = new Map(entries.map(([id, value, step, version]) => [id, [value, -value, 127, step, version]]));
      // Adding 0 turns −0 into 0, because int8 does not keep the sign of zero.
      const sorted = (rows: Map<number, number[]>) =>
        [...rows].map(([id, values]) => [id, ...values.map((value) => value + 0)]).sort((a, b) => a[0]! - b[0]!);
      for (const batch of [undefined, 1, 100, 1000]) {
        expect(sorted(await everything(store, batch))).toEqual(sorted(expected));
      }
    });

    it('accepts concurrent writes without torn rows', async () => {
      const store = await opened();
      const ids = Array.from({ length: 50 }, (_, i) => i);
      await Promise.all(
        [1, 2, 3, 4].map((version) =>
          store.write(rowsOf(...ids.map((id) => [id, version, version, version] as const))),
        ),
      );
      expect(await store.read(ids)).toEqual(rowsOf(...ids.map((id) => [id, 4, 4, 4] as const)));
    });

    it('refuses invalid rows, without any change', async () => {
      const store = await opened();
      await store.write(rowsOf([1, 10, 1, 1]));
      const good = rowsOf([1, 11, 2, 2], [2, 21, 2, 2]);
      const refused: [Partial<BankRows>, string][] = [
        [{ vectors: new Float32Array(5) }, 'expected 2 × 3 values, got 5'],
        [{ steps: new Int32Array(1) }, 'steps: expected 2 × 1 values, got 1'],
        [{ versions: new Int32Array(3) }, 'versions: expected 2 × 1 values, got 3'],
        [{ ids: Int32Array.of(1, -1) }, 'expected ids in 0 … 2³¹ − 1, got -1 at 1'],
        [{ vectors: Float32Array.of(1, 1, 1, 1, Number.NaN, 1) }, 'item 2: expected finite values, got NaN'],
      ];
      for (const [wrong, message] of refused) {
        await expect(store.write({ ...good, ...wrong })).rejects.toThrow(RangeError);
        await expect(store.write({ ...good, ...wrong })).rejects.toThrow(message);
      }
      expect(await store.read([1, 2])).toEqual(rowsOf([1, 10, 1, 1]));
    });

    it.each([Number.NaN, 0.5, 2 ** 31, 2 ** 32, Number.POSITIVE_INFINITY, '1' as unknown as number])(
      'refuses the id %s instead of reading or removing another item',
      async (id) => {
        const store = await opened();
        await store.write(rowsOf([0, 10, 1, 1], [1, 11, 1, 1]));
        await expect(store.read([1, id])).rejects.toThrow(RangeError);
        await expect(store.read([1, id])).rejects.toThrow(`Store.read: expected ids below 2³¹, got ${id} at 1`);
        await expect(store.remove([1, id])).rejects.toThrow(`Store.remove: expected ids below 2³¹, got ${id} at 1`);
        expect((await store.read([0, 1])).ids).toEqual(Int32Array.of(0, 1));
      },
    );

    it.each([0, -1, 1.5, Number.NaN])('refuses to scan in batches of %s', async (batch) => {
      const store = await opened();
      await store.write(rowsOf([1, 10, 1, 1]));
      await expect(everything(store, batch)).rejects.toThrow(`Store.scan: expected a positive batch, got ${batch}`);
    });

    it('can be closed twice, and then refuses all calls', async () => {
      const store = await opened();
      await store.close();
      await store.close();
      await expect(store.read([1])).rejects.toThrow('closed');
      await expect(store.write(rowsOf([1, 1, 1, 1]))).rejects.toThrow('closed');
      await expect(store.count()).rejects.toThrow('closed');
    });
  });
}
