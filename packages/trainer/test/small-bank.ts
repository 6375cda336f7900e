import { MemoryBank } from '@sifaka/memory-bank';
import { DIM } from './small-world.js';

/** A vector of an item. Another `seed` gives another vector. */
export function vectorOf(item: number, seed = 0): Float32Array {
  return Float32Array.from({ length: DIM }, (_, k) => Math.sin(3 * item + k + seed));
}

/** A bank with vectors of items 0 … 19. Item `changed` has another vector than by default. */
export function bankWith(changed?: number): MemoryBank {
  const bank = new MemoryBank({ dim: DIM });
  for (let item = 0; item < 20; item++) bank.write([item], vectorOf(item, item === changed ? 1 : 0), 0);
  return bank;
}
