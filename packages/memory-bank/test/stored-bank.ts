import { MemoryBank } from '@sifaka/memory-bank';

/** A bank of width 2 with the items 1, 2 and 3. */
export function storedBank(): MemoryBank {
  const bank = new MemoryBank({ dim: 2 });
  bank.write([1, 2, 3], Float32Array.of(1, 10, 2, 20, 3, 30), 0);
  return bank;
}
