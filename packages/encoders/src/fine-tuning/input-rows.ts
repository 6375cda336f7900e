import type { Pixels, TokenBatch } from '../token-encoder.js';
import { contentKey } from './content-key.js';

/** Which tokens of a batch are padding. */
export interface RowPadding {
  /** `[B]`: number of tokens at the start of each row. */
  readonly lengths: ArrayLike<number>;
  /** Tokens per row, padding included. */
  readonly length: number;
}

/** Tells the rows of a batch apart, so that what was computed of a row can be kept. */
export interface InputRows<Input> {
  /**
   * A key of each row's content, 128 bits in hexadecimal digits. Equal contents have equal keys, whatever the padding.
   * Undefined: the contents are not on the host.
   */
  keys(input: Input): readonly string[] | undefined;
  /** A batch of some of the rows. */
  select(input: Input, rows: readonly number[]): Input;
  /**
   * The tokens of each row, and those with padding. Attention never reads the padding, so it is not kept. Undefined: no
   * token is padding, or attention reads it.
   */
  padding(input: Input): RowPadding | undefined;
}

/** Rows of images of one size. Those in tensors have no keys: reading them would wait for the engine. */
export function pixelRows(height: number, width: number): InputRows<Pixels> {
  const size = height * width * 3;
  const row = (bytes: Uint8Array, i: number) => bytes.subarray(i * size, (i + 1) * size);
  return {
    keys(pixels) {
      if (!(pixels instanceof Uint8Array)) return undefined;
      return Array.from({ length: pixels.length / size }, (_, i) => contentKey(row(pixels, i)));
    },
    select(pixels, rows) {
      const bytes = pixels as Uint8Array; // Only rows with keys are selected.
      const selected = new Uint8Array(rows.length * size);
      rows.forEach((from, to) => {
        selected.set(row(bytes, from), to * size);
      });
      return selected;
    },
    padding: () => undefined,
  };
}

/** Rows of token ids. */
export const tokenRows: InputRows<TokenBatch> = {
  keys({ ids, length, lengths, types }) {
    return Array.from(lengths, (count, i) => {
      const row = new Int32Array(2 * count);
      row.set(ids.subarray(i * length, i * length + count));
      if (types !== undefined) row.set(types.subarray(i * length, i * length + count), count);
      return contentKey(new Uint8Array(row.buffer));
    });
  },
  select({ ids, length, lengths, types }, rows) {
    const pick = (from: Int32Array) => {
      const picked = new Int32Array(rows.length * length);
      rows.forEach((row, i) => {
        picked.set(from.subarray(row * length, (row + 1) * length), i * length);
      });
      return picked;
    };
    return {
      ids: pick(ids),
      length,
      lengths: Int32Array.from(rows, (row) => lengths[row]!),
      ...(types && { types: pick(types) }),
    };
  },
  padding: ({ lengths, length }) => ({ lengths, length }),
};
