/** Aligns columns: the first to the left, the others to the right. The first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('   ');
  const [head, ...body] = rows;
  const rule = widths.map((width) => '─'.repeat(width)).join('───');
  return [format(head!), rule, ...body.map(format)].map((line) => `  ${line}`).join('\n');
}
