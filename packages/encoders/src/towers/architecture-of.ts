/**
 * What decides the output of an encoder's embedding and blocks beside their weights. The vectors that pool the tokens
 * and the seed do not.
 */
export function architectureOf(
  kind: 'image' | 'text',
  { name: _name, pool: _pool, head: _head, seed: _seed, ...options }: ArchitectureOptions,
): string {
  return JSON.stringify([kind, options]);
}

/** Plain data. */
interface ArchitectureOptions {
  readonly name: string;
  readonly pool: object;
  readonly head?: object;
  readonly seed: number;
}
