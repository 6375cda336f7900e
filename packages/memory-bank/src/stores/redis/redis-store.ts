import type { Redis } from 'ioredis';
import type { BankRows } from '../../rows/bank-rows.js';
import { checkBankRows } from '../../rows/check-rows.js';
import { type VectorStorage, vectorCodec } from '../../rows/vector-codec.js';
import type { BankStore } from '../bank-store.js';
import { RowBytes } from '../row-bytes.js';
import { type BankKeys, bankKeys, checkKeys, formatMismatch, formatOf } from './bank-keys.js';
import { inspectServer } from './inspect-server.js';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.js';
import { RedisStoreError } from './redis-store-error.js';
import { FORMAT_ERROR, ROW_ERROR, WRITE_SCRIPT, WRITE_SCRIPT_SHA } from './write-script.js';

export interface RedisStoreOptions extends RedisConnectionOptions {
  /** Width of the vectors. */
  readonly dim: number;
  /** Begins the names of the two keys. Default `sifaka:bank`. */
  readonly prefix?: string | undefined;
  /** How the server keeps the vectors. Default: as those that are there, float32 where there are none. */
  readonly storage?: VectorStorage | undefined;
}

/** Ids per command; all commands of a call are sent before the first answer is awaited. */
const CHUNK = 1000;

/**
 * Rows on a Redis (6.2 or newer) or Valkey server, for several processes at once. All rows are one hash, `{prefix}:rows`: that costs less
 * than a key per item, and one script can write many rows as one atomic act. `{prefix}:format` says how they are encoded. The server
 * does nothing else during a `write`, so give it some thousand rows at a time. One server holds the hash: Redis Cluster does not divide it.
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
   * @throws {@link RedisStoreError} if ioredis is not installed, or the server does not answer, refuses the credentials, is too old, may
   *   evict the bank, or holds something else under these keys.
   * @throws RangeError if the width is not a positive whole number, or there is no such storage.
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
    const asked = chunksOf(ids);
    const answers = await this.#ask((client) =>
      Promise.all(asked.map((chunk) => client.hmgetBuffer(this.#keys.rows, ...chunk))),
    );
    const found: number[] = [];
    const rows: Buffer[] = [];
    for (const [chunk, answer] of answers.entries()) {
      for (const [place, row] of answer.entries()) {
        if (row === null) continue;
        found.push(Number(asked[chunk]![place]));
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
    await this.#ask(async (client) => {
      try {
        await client.evalsha(WRITE_SCRIPT_SHA, 2, hash, format, ...values);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        await client.eval(WRITE_SCRIPT, 2, hash, format, ...values); // The first time since the server started.
      }
    });
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    await this.#ask((client) => Promise.all(chunksOf(ids).map((chunk) => client.hdel(this.#keys.rows, ...chunk))));
  }

  async count(): Promise<number> {
    return this.#ask((client) => client.hlen(this.#keys.rows));
  }

  /** All rows that are there from beginning to end. While others write, a row can come twice. */
  async *scan(batch: number = CHUNK): AsyncIterable<BankRows> {
    let cursor = '0';
    do {
      const [next, pairs] = await this.#ask((client) => client.hscanBuffer(this.#keys.rows, cursor, 'COUNT', batch));
      cursor = String(next);
      // The server may send more than it was asked for.
      for (let from = 0; from < pairs.length; from += 2 * batch) {
        const part = pairs.slice(from, from + 2 * batch);
        const ids = part.filter((_, i) => i % 2 === 0).map(Number);
        yield this.#unpack(
          ids,
          part.filter((_, i) => i % 2 === 1),
        );
      }
    } while (cursor !== '0');
  }

  /** The server's run id. It changes with a restart or a failover, and either may lose acknowledged rows. */
  async incarnation(): Promise<string> {
    const info = await this.#ask((client) => client.info('server'));
    return /run_id:(\w+)/.exec(info)?.[1] ?? '';
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #unpack(ids: readonly number[], rows: readonly Buffer[]): BankRows {
    const bad = rows.findIndex((row) => row.length !== this.#bytes.size);
    if (bad >= 0) throw this.#badRow(ids[bad]!, rows[bad]!.length);
    return this.#bytes.unpack(ids, rows);
  }

  /** Asks, and puts what the server says of the two keys in this store's words. */
  async #ask<T>(run: (client: Redis) => Promise<T>): Promise<T> {
    try {
      return await this.#connection.ask(run);
    } catch (error) {
      if (!RedisStoreError.isInstance(error)) throw error;
      const [, word, rest = ''] = new RegExp(`(${FORMAT_ERROR}|${ROW_ERROR}|WRONGTYPE) ?(.*)`).exec(error.reason) ?? [];
      if (word === FORMAT_ERROR) throw formatMismatch(error.server, this.#keys, formatOf(this.dim, this.storage), rest);
      if (word === ROW_ERROR) throw this.#badRow(...(rest.split(' ').map(Number) as [number, number]));
      if (word === 'WRONGTYPE')
        throw new RedisStoreError(error.server, `key ${this.#keys.rows}: expected a hash, got another type`);
      throw error;
    }
  }

  #badRow(id: number, length: number): RedisStoreError {
    const expected = `${this.#bytes.size} bytes (dim ${this.dim}, ${this.storage})`;
    return new RedisStoreError(
      this.#connection.server,
      `key ${this.#keys.rows}, item ${id}: expected ${expected}, got ${length}`,
    );
  }
}

function chunksOf(ids: ArrayLike<number>): string[][] {
  const all = Array.from(ids, String);
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, i) => all.slice(i * CHUNK, (i + 1) * CHUNK));
}
