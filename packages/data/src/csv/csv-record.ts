/** Number of lines that a record takes in its file. A quoted field may hold line ends. */
export function countLines(fields: readonly string[]): number {
  return fields.reduce((lines, field) => lines + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 1);
}

/** True for the record of a blank line. In a table of one column a blank line is an empty cell instead. */
export function isBlank(fields: readonly string[], width: number): boolean {
  return width > 1 && fields.length === 1 && fields[0] === '';
}
