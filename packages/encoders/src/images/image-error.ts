const MARKER = Symbol.for('@sifaka/encoders/ImageError');

/**
 * Why a picture cannot be had:
 * `missing` no such file · `empty` zero bytes · `truncated` the decoder says that the data end early (JPEG, GIF and AVIF
 * decoders tell; those of PNG, WebP and TIFF call the same `unreadable`) · `tooLarge` more pixels, or bytes, than allowed ·
 * `unreadable` everything else: no picture, a damaged one, a folder, a file without read permission.
 */
export type ImageErrorReason = 'missing' | 'empty' | 'unreadable' | 'truncated' | 'tooLarge';

/** A picture that cannot be decoded. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  /** The file's name as it was given; undefined where bytes were given. */
  readonly file: string | undefined;
  readonly reason: ImageErrorReason;

  constructor(file: string | undefined, reason: ImageErrorReason, detail: string, options?: ErrorOptions) {
    super(`decodeImage: expected a picture in ${file ?? 'the given bytes'}, got ${reason} (${detail})`, options);
    this.file = file;
    this.reason = reason;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for an ImageError of any installed copy of this package. */
  static isInstance(error: unknown): error is ImageError {
    return error instanceof Error && MARKER in error;
  }
}
