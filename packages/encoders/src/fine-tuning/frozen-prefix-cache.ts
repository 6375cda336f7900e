import { assertNumber, type NamedParameters } from '@sifaka/nn';
import type { Variable } from '@tensorflow/tfjs-core';

export interface FrozenPrefixCacheOptions {
  /** Most bytes of token values. Beyond it, the rows that were read longest ago are dropped. Default 2²⁹, 512 MiB. */
  readonly maxBytes?: number;
}

/**
 * Keeps the outputs of an encoder's frozen lower layers on the host, by the content of the input row, so that each is
 * computed once. It notices when the frozen weights change, and forgets what it computed with the old ones.
 */
export class FrozenPrefixCache {
  readonly #maxBytes: number;
  /** By content key, least recently read first. */
  readonly #rows = new Map<string, Float32Array>();
  #bytes = 0;
  /** Data of the frozen weights that the rows were computed with. */
  #weights: readonly Variable['dataId'][] = [];
  #hits = 0;
  #misses = 0;

  /** @throws RangeError if `maxBytes` is negative or not a number. */
  constructor({ maxBytes = 2 ** 29 }: FrozenPrefixCacheOptions = {}) {
    assertNumber('FrozenPrefixCache', { maxBytes });
    this.#maxBytes = maxBytes;
  }

  /** Rows that are kept, their bytes, and how many reads found their row. */
  get counts(): { readonly rows: number; readonly bytes: number; readonly hits: number; readonly misses: number } {
    return { rows: this.#rows.size, bytes: this.#bytes, hits: this.#hits, misses: this.#misses };
  }

  /** Forgets all rows if the frozen weights changed since the last call. TensorFlow.js gives new values new data. */
  follow(frozen: NamedParameters): void {
    const weights = [...frozen.values()].map(({ dataId }) => dataId);
    if (weights.length === this.#weights.length && weights.every((data, i) => data === this.#weights[i])) return;
    this.clear();
    this.#weights = weights;
  }

  /** @returns `[S · dim]`: the tokens of a row without padding, which the caller must not change. */
  read(key: string): Float32Array | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    this.#rows.delete(key);
    this.#rows.set(key, row);
    return row;
  }

  /** @param tokens `[S · dim]`, kept as they are. */
  write(key: string, tokens: Float32Array): void {
    this.#bytes += tokens.byteLength - (this.#rows.get(key)?.byteLength ?? 0);
    this.#rows.delete(key);
    this.#rows.set(key, tokens);
    for (const [oldest, { byteLength }] of this.#rows) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#rows.delete(oldest);
      this.#bytes -= byteLength;
    }
  }

  clear(): void {
    this.#rows.clear();
    this.#bytes = 0;
  }
}
