import type { EmbeddingTable } from '@sifaka/nn';

/** Makes room for `size` ids: by half at least, so that a copy of the table is paid for by what it made room for. */
export function growTable(table: EmbeddingTable, size: number): void {
  if (size > table.size) table.grow(Math.max(size, Math.ceil(1.5 * table.size)));
}
