const MARKER = Symbol.for('@sifaka/encoders/PretrainedError');

/**
 * Why a checkpoint cannot be opened.
 *
 * - `missing`: there is no such folder, repository, revision, file or tensor.
 * - `format`: a file is damaged, or its parts disagree, or the weights have another format than safetensors.
 * - `denied`: the hub wants a token, or the token has no access.
 * - `offline`: a file is not in the cache, and offline mode is on.
 * - `network`: the hub is away, too slow, or answers with an error, after all retries.
 * - `disk`: a file cannot be read or written.
 */
export type PretrainedErrorReason = 'missing' | 'format' | 'denied' | 'offline' | 'network' | 'disk';

export interface PretrainedErrorDetails {
  /** Folder, or `owner/name@revision`. */
  readonly source: string;
  /** File within it, if one is to blame. */
  readonly file?: string | undefined;
  /** HTTP status, if the hub answered. */
  readonly status?: number | undefined;
}

/** A checkpoint cannot be opened or read. No message contains a token. */
export class PretrainedError extends Error {
  override readonly name = 'PretrainedError';
  readonly reason: PretrainedErrorReason;
  readonly source: string;
  readonly file: string | undefined;
  readonly status: number | undefined;
  /** The message without the names in front. */
  readonly problem: string;

  constructor(
    reason: PretrainedErrorReason,
    { source, file, status }: PretrainedErrorDetails,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`openPretrained: ${source}${file === undefined ? '' : `, ${file}`}: ${problem}`, options);
    this.reason = reason;
    this.source = source;
    this.file = file;
    this.status = status;
    this.problem = problem;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a PretrainedError of any installed copy of this package. */
  static isInstance(error: unknown): error is PretrainedError {
    return error instanceof Error && MARKER in error;
  }
}
