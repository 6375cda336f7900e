import { assertNumber } from '@sifaka/nn';
import type { Variable } from '@tensorflow/tfjs-core';
import type { FrozenLayers, FrozenPrefixRows, FrozenPrefixStore } from './frozen-prefix-store.js';

export interface FrozenPrefixCacheOptions {
  /** Most bytes of token values. Beyond it, the rows that were read longest ago are dropped. Default 2²⁹, 512 MiB. */
  readonly maxBytes?: number;
  /** Also keeps the rows beyond this process. Default: there is none. */
  readonly store?: FrozenPrefixStore;
}

/** What a cache holds, and what became of the reads. */
export interface FrozenPrefixCounts {
  /** Rows in memory, and their bytes. */
  readonly rows: number;
  readonly bytes: number;
  /** Reads that found their row, in memory or in the store. */
  readonly hits: number;
  /** Of these, in the store. */
  readonly stored: number;
  readonly misses: number;
}

/**
 * Keeps the outputs of an encoder's frozen lower layers on the host, by the content of the input row, so that each is
 * computed once. It notices when the frozen weights change, and forgets what it computed with the old ones.
 */
export class FrozenPrefixCache {
  readonly #maxBytes: number;
  readonly #store: FrozenPrefixStore | undefined;
  /** By content key, least recently read first. */
  readonly #rows = new Map<string, Float32Array>();
  #bytes = 0;
  /** The store's rows of the present weights. */
  #stored: FrozenPrefixRows | undefined;
  /** What the rows were computed with: the description of the layers, and the data of their weights. */
  #layers: readonly unknown[] = [];
  #hits = 0;
  #storeHits = 0;
  #misses = 0;

  /** @throws RangeError if `maxBytes` is negative or not a number. */
  constructor({ maxBytes = 2 ** 29, store }: FrozenPrefixCacheOptions = {}) {
    assertNumber('FrozenPrefixCache', { maxBytes });
    this.#maxBytes = maxBytes;
    this.#store = store;
  }

  get counts(): FrozenPrefixCounts {
    return {
      rows: this.#rows.size,
      bytes: this.#bytes,
      hits: this.#hits,
      stored: this.#storeHits,
      misses: this.#misses,
    };
  }

  /**
   * Forgets all rows if the frozen layers changed since the last call, and opens the store's rows of the new ones.
   * TensorFlow.js gives new values new data.
   */
  follow(layers: FrozenLayers): void {
    const weights = [...layers.weights.values()].map(({ dataId }: Variable) => dataId);
    const now = [layers.description, ...weights];
    if (now.length === this.#layers.length && now.every((part, i) => part === this.#layers[i])) return;
    this.clear();
    this.#stored = this.#store?.open(layers);
    this.#layers = now;
  }

  /** @returns `[S · dim]`: the tokens of a row without padding, which the caller must not change. */
  read(key: string): Float32Array | undefined {
    const kept = this.#rows.get(key);
    const row = kept ?? this.#stored?.read(key);
    if (row === undefined) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    if (kept === undefined) this.#storeHits++;
    this.#keep(key, row);
    return row;
  }

  /** @param tokens `[S · dim]`, kept as they are. */
  write(key: string, tokens: Float32Array): void {
    this.#stored?.write(key, tokens);
    this.#keep(key, tokens);
  }

  /** Forgets the rows in memory and releases the store's files. The next {@link follow} opens them again. */
  clear(): void {
    this.#rows.clear();
    this.#bytes = 0;
    this.#stored?.close();
    this.#stored = undefined;
    this.#layers = [];
  }

  /** Keeps a row as the one that was read last. One larger than the whole cache drops no others. */
  #keep(key: string, tokens: Float32Array): void {
    this.#bytes -= this.#rows.get(key)?.byteLength ?? 0;
    this.#rows.delete(key);
    if (tokens.byteLength > this.#maxBytes) return;
    this.#bytes += tokens.byteLength;
    this.#rows.set(key, tokens);
    for (const [oldest, { byteLength }] of this.#rows) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#rows.delete(oldest);
      this.#bytes -= byteLength;
    }
  }
}
