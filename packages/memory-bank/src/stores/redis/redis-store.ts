import type { Redis } from 'ioredis';
import type { BankRows } from '../../rows/bank-rows.js';
import { assertBatch, assertIds } from '../../rows/check-ids.js';
import { checkBankRows } from '../../rows/check-rows.js';
import { type VectorStorage, vectorCodec } from '../../rows/vector-codec.js';
import type { BankStore } from '../bank-store.js';
import { damagedRow, RowBytes } from '../row-bytes.js';
import { type BankKeys, bankKeys, checkKeys, formatMismatch, formatOf } from './bank-keys.js';
import { inspectServer } from './inspect-server.js';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.js';
import { RedisStoreError } from './redis-store-error.js';
import { CHECKSUM_ERROR, FORMAT_ERROR, LENGTH_ERROR, WRITE_SCRIPT, WRITE_SCRIPT_SHA } from './write-script.js';

export interface RedisStoreOptions extends RedisConnectionOptions {
  /** Width of the vectors. */
  readonly dim: number;
  /** Prefix of the two keys. Default `sifaka:bank`. */
  readonly prefix?: string | undefined;
  /** How vectors are stored. Default: as in an existing bank, `float32` for a new one. */
  readonly storage?: VectorStorage | undefined;
}

const ERROR_WORDS = new RegExp(`(${FORMAT_ERROR}|${LENGTH_ERROR}|${CHECKSUM_ERROR}|WRONGTYPE) ?(.*)`);

/** Ids per command. All commands of a call are sent before the first answer arrives. */
const CHUNK = 1000;

/**
 * Stores rows on a Redis (6.2 or newer) or Valkey server, shared by several processes. All rows are in one hash,
 * `{prefix}:rows`. This costs less than one key per item, and one script can write many rows atomically.
 * `{prefix}:format` holds the format of the rows. A `write` blocks the server, so write some thousand rows at a time.
 * Redis Cluster keeps the hash on one server.
 */
export class RedisStore implements BankStore {
  readonly kind = 'redis';
  readonly dim: number;
  readonly storage: VectorStorage;
  readonly #connection: RedisConnection;
  readonly #keys: BankKeys;
  readonly #bytes: RowBytes;

  private constructor(connection: RedisConnection, keys: BankKeys, bytes: RowBytes) {
    this.#connection = connection;
    this.#keys = keys;
    this.#bytes = bytes;
    this.dim = bytes.dim;
    this.storage = bytes.storage;
  }

  /**
   * Connects to a server and checks it. The first write creates the keys.
   *
   * @throws {@link RedisStoreError} if ioredis is not installed, or if the server does not answer, refuses the
   *   credentials or the database, is too old, may evict the bank, or has other data under these keys.
   * @throws RangeError if the width is not a positive integer, or if the URL or the storage is not valid.
   */
  static async open({ dim, prefix = 'sifaka:bank', storage, ...connect }: RedisStoreOptions): Promise<RedisStore> {
    if (!(Number.isInteger(dim) && dim > 0)) throw new RangeError(`RedisStore: expected a positive dim, got ${dim}`);
    const connection = await RedisConnection.open(connect);
    try {
      await inspectServer(connection);
      const keys = bankKeys(prefix);
      const kept = await checkKeys(connection, keys, dim, storage);
      return new RedisStore(connection, keys, new RowBytes(dim, kept));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async read(ids: ArrayLike<number>): Promise<BankRows> {
    assertIds('RedisStore.read', ids);
    const chunks = chunksOf(ids);
    const answers = await this.#run((client) =>
      Promise.all(chunks.map((chunk) => client.hmgetBuffer(this.#keys.rows, ...chunk))),
    );
    const found: number[] = [];
    const rows: Buffer[] = [];
    for (const [chunk, answer] of answers.entries()) {
      for (const [i, row] of answer.entries()) {
        if (row === null) continue;
        found.push(Number(chunks[chunk]![i]));
        rows.push(row);
      }
    }
    return this.#unpack(found, rows);
  }

  async write(rows: BankRows): Promise<void> {
    checkBankRows('RedisStore.write', rows, this.dim, vectorCodec(this.storage).limit);
    if (rows.ids.length === 0) return;
    const { rows: hash, format } = this.#keys;
    const values = [formatOf(this.dim, this.storage), this.#bytes.size, this.#bytes.pack(rows)] as const;
    await this.#run(async (client) => {
      try {
        await client.evalsha(WRITE_SCRIPT_SHA, 2, hash, format, ...values);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        await client.eval(WRITE_SCRIPT, 2, hash, format, ...values); // The server does not have the script yet.
      }
    });
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    assertIds('RedisStore.remove', ids);
    await this.#run((client) => Promise.all(chunksOf(ids).map((chunk) => client.hdel(this.#keys.rows, ...chunk))));
  }

  async count(): Promise<number> {
    return this.#run((client) => client.hlen(this.#keys.rows));
  }

  /** All rows that exist during the whole scan. A row may appear twice if others write during the scan. */
  async *scan(batch: number = CHUNK): AsyncIterable<BankRows> {
    assertBatch('RedisStore.scan', batch);
    let cursor = '0';
    do {
      const [next, pairs] = await this.#run((client) => client.hscanBuffer(this.#keys.rows, cursor, 'COUNT', batch));
      cursor = String(next);
      // The server may send more rows than requested.
      for (let from = 0; from < pairs.length; from += 2 * batch) {
        const part = pairs.slice(from, from + 2 * batch);
        const ids = part.filter((_, i) => i % 2 === 0).map((field) => this.#idOf(field));
        yield this.#unpack(
          ids,
          part.filter((_, i) => i % 2 === 1),
        );
      }
    } while (cursor !== '0');
  }

  /** The server's run id. It changes with a restart or a failover, which may lose acknowledged rows. */
  async incarnation(): Promise<string> {
    const info = await this.#run((client) => client.info('server'));
    return /run_id:(\w+)/.exec(info)?.[1] ?? '';
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #unpack(ids: readonly number[], rows: readonly Buffer[]): BankRows {
    for (const [i, row] of rows.entries()) {
      const fault = this.#bytes.faultOf(ids[i]!, row);
      if (fault !== undefined) throw this.#badRow(ids[i]!, fault);
    }
    return this.#bytes.unpack(ids, rows);
  }

  /** Runs a command and explains errors about the two keys. */
  async #run<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    try {
      return await this.#connection.run(command);
    } catch (error) {
      if (!RedisStoreError.isInstance(error)) throw error;
      const [, word, rest = ''] = ERROR_WORDS.exec(error.reason) ?? [];
      if (word === FORMAT_ERROR) throw formatMismatch(error.server, this.#keys, formatOf(this.dim, this.storage), rest);
      const [id = 0, length = 0] = rest.split(' ').map(Number);
      if (word === LENGTH_ERROR) throw this.#badRow(id, this.#bytes.lengthFault(length));
      if (word === CHECKSUM_ERROR) throw this.#badRow(id, damagedRow(id));
      if (word === 'WRONGTYPE')
        throw new RedisStoreError(error.server, `key ${this.#keys.rows}: expected a hash, got another type`);
      throw error;
    }
  }

  #badRow(id: number, fault: string): RedisStoreError {
    return new RedisStoreError(this.#connection.server, `key ${this.#keys.rows}, item ${id}: ${fault}`);
  }

  #idOf(field: Buffer): number {
    const id = Number(field.toString('latin1'));
    if ((id | 0) === id && id >= 0 && String(id) === field.toString('latin1')) return id;
    const got = JSON.stringify(field.toString('latin1').slice(0, 40));
    throw new RedisStoreError(this.#connection.server, `key ${this.#keys.rows}: expected an item id, got field ${got}`);
  }
}

function chunksOf(ids: ArrayLike<number>): string[][] {
  const all = Array.from(ids, String);
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, i) => all.slice(i * CHUNK, (i + 1) * CHUNK));
}
