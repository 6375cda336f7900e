const MARKER = Symbol.for('@sifaka/encoders/MissingPackageError');

/** A call needs an optional package, such as `sharp`, that is not installed or does not load. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';
  readonly packageName: string;
  /** Command that installs the package. */
  readonly command: string;

  constructor(where: string, packageName: string, problem: string, options?: ErrorOptions) {
    const command = `npm install ${packageName}`;
    super(`${where}: expected the package ${packageName}, which ${problem}. Try: ${command}`, options);
    this.packageName = packageName;
    this.command = command;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a MissingPackageError of any installed copy of this package. */
  static isInstance(error: unknown): error is MissingPackageError {
    return error instanceof Error && MARKER in error;
  }
}
