import type { NamedParameters } from '@sifaka/nn';

/** The frozen lower layers of an encoder. Two with equal descriptions and weights compute the same. */
export interface FrozenLayers {
  /** What decides their output beside the weights: architecture, number of blocks, engine. */
  readonly description: string;
  /** By path. */
  readonly weights: NamedParameters;
}

/** What frozen layers computed, by content. */
export interface FrozenPrefixRows {
  /** @returns `[S · dim]`, exactly what was written; undefined if there is no such row, or it is damaged. */
  read(key: string): Float32Array | undefined;
  /** @param tokens `[S · dim]` */
  write(key: string, tokens: Float32Array): void;
  /** Releases files. Nothing is read or written afterwards. */
  close(): void;
}

/**
 * Keeps the rows of a {@link FrozenPrefixCache} beyond its process: `FrozenPrefixFolder` of `@sifaka/encoders/node`, or
 * your own.
 */
export interface FrozenPrefixStore {
  /** The rows that layers with this description and these weights computed, in any process. */
  open(layers: FrozenLayers): FrozenPrefixRows;
}
