import type { SparseMatrix } from '@sifaka/nn';

/** @throws RangeError unless the graph links the items of the catalogue. */
export function assertItemGraph(where: string, { shape }: SparseMatrix, numItems: number): void {
  if (shape[0] === numItems && shape[1] === numItems) return;
  throw new RangeError(`${where}: expected a graph of items [${numItems}, ${numItems}], got [${shape.join(', ')}]`);
}
