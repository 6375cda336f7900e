import { quotedFile } from '../quoted-file.js';

const MARKER = Symbol.for('@sifaka/encoders/ImageError');

/**
 * Why an image cannot be decoded.
 *
 * - `missing`: there is no such file.
 * - `empty`: the file has zero bytes.
 * - `truncated`: the data ends early. Only the JPEG, GIF and AVIF decoders report this; PNG, WebP and TIFF report
 *   `unreadable`.
 * - `tooLarge`: the image has more pixels, or the file more bytes, than allowed, or the file is an SVG that is
 *   compressed or takes too long to draw.
 * - `unreadable`: everything else, such as a file of another kind, a damaged image, a folder or a missing read
 *   permission.
 */
export type ImageErrorReason = 'missing' | 'empty' | 'unreadable' | 'truncated' | 'tooLarge';

/** An image cannot be decoded. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  /** The given file name; undefined if bytes were given. */
  readonly file: string | undefined;
  readonly reason: ImageErrorReason;

  constructor(file: string | undefined, reason: ImageErrorReason, detail: string, options?: ErrorOptions) {
    const source = file === undefined ? 'the given bytes' : quotedFile(file);
    super(`decodeImage: expected an image in ${source}, got ${reason} (${detail})`, options);
    this.file = file;
    this.reason = reason;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for an ImageError of any installed copy of this package. */
  static isInstance(error: unknown): error is ImageError {
    return error instanceof Error && MARKER in error;
  }
}
