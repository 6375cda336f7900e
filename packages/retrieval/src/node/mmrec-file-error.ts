const MARKER = Symbol.for('@sifaka/retrieval/MmrecFileError');

/** A file of MMRec's form cannot be read or used. */
export class MmrecFileError extends Error {
  override readonly name = 'MmrecFileError';
  readonly file: string;
  /** From 1, the header included. */
  readonly line: number | undefined;

  constructor(where: string, file: string, problem: string, line?: number) {
    super(`${where}: ${problem} (${file}${line === undefined ? '' : `, line ${line}`})`);
    this.file = file;
    this.line = line;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a MmrecFileError of any installed copy of this package. */
  static isInstance(error: unknown): error is MmrecFileError {
    return error instanceof Error && MARKER in error;
  }
}
