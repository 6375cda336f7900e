import type { VectorStorage } from '../../rows/vector-codec.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisStoreError } from './redis-store-error.js';

/** The two keys of a bank. The braces keep them on one server of a cluster, so that a script can use both. */
export interface BankKeys {
  /** Key of the hash: item id → row. */
  readonly rows: string;
  /** Key of the string with the format of the rows. */
  readonly format: string;
}

export function bankKeys(prefix: string): BankKeys {
  return { rows: `{${prefix}}:rows`, format: `{${prefix}}:format` };
}

/** Value of the format key. Format 1 had no checksums. Its banks are refused: delete their keys. */
export function formatOf(dim: number, storage: VectorStorage): string {
  return `sifaka-bank 2 dim=${dim} storage=${storage}`;
}

/**
 * Checks that the keys hold a bank of this width or nothing.
 *
 * @param wanted storage of the vectors. Default: as in an existing bank, `float32` for a new one.
 * @returns the storage of the vectors.
 * @throws {@link RedisStoreError} if the keys hold something else.
 */
export async function checkKeys(
  connection: RedisConnection,
  keys: BankKeys,
  dim: number,
  wanted: VectorStorage | undefined,
): Promise<VectorStorage> {
  const { server } = connection;
  const expectType = async (key: string, expected: string): Promise<boolean> => {
    const type = await connection.run((client) => client.type(key));
    if (type !== expected && type !== 'none') {
      throw new RedisStoreError(server, `key ${key}: expected a ${expected}, got a ${type}`);
    }
    return type !== 'none';
  };
  const hasFormat = await expectType(keys.format, 'string');
  const hasRows = await expectType(keys.rows, 'hash');
  if (!hasFormat) {
    if (hasRows)
      throw new RedisStoreError(server, `key ${keys.format}: expected the format of ${keys.rows}, got nothing`);
    return wanted ?? 'float32';
  }
  const format = await connection.run((client) => client.get(keys.format));
  const [, kept] = /^sifaka-bank 2 dim=\d+ storage=(float32|float16|int8)$/.exec(format ?? '') ?? [];
  const storage = wanted ?? (kept as VectorStorage | undefined) ?? 'float32';
  if (format !== formatOf(dim, storage))
    throw formatMismatch(server, keys, formatOf(dim, storage), format ?? 'nothing');
  return storage;
}

export function formatMismatch(server: string, keys: BankKeys, expected: string, found: string): RedisStoreError {
  return new RedisStoreError(server, `key ${keys.format}: expected ${expected}, got ${found}`);
}
