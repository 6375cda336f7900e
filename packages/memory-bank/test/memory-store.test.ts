import { MemoryStore, type VectorStorage } from '@sifaka/memory-bank';
import { describe, expect, it } from 'vitest';
import { storeContract } from './store-contract.js';

for (const storage of ['float32', 'float16', 'int8'] satisfies VectorStorage[]) {
  storeContract(`MemoryStore, ${storage},`, async (dim) => new MemoryStore({ dim, storage }));
}

describe('MemoryStore', () => {
  it('refuses values too large for float16', async () => {
    const store = new MemoryStore({ dim: 1, storage: 'float16' });
    const rows = {
      ids: Int32Array.of(3),
      vectors: Float32Array.of(1e5),
      steps: Int32Array.of(0),
      versions: Int32Array.of(1),
    };
    await expect(store.write(rows)).rejects.toThrow(
      'MemoryBank.merge: item 3: expected magnitudes below 65520, the limit of float16, got 100000',
    );
  });
});
