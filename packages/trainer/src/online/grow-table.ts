import type { EmbeddingTable } from '@sifaka/nn';

/**
 * Makes room for `size` ids. A table grows by at least half, so that the cost of copying it stays constant per new id.
 */
export function growTable(table: EmbeddingTable, size: number): void {
  if (size > table.size) table.grow(Math.max(size, Math.ceil(1.5 * table.size)));
}
