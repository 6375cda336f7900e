import type { ImageErrorReason } from './image-error.js';

/** A file that exists but cannot be decoded. */
export interface BrokenImage {
  /** Index in the list of files. */
  readonly index: number;
  readonly file: string;
  readonly reason: ImageErrorReason;
  /** The decoder's message. */
  readonly message: string;
}
