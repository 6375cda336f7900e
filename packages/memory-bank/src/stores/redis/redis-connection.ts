import type { Redis, RedisOptions } from 'ioredis';
import { redacted } from './redact.js';
import { databaseNumber, parseRedisUrl, serverName } from './redis-address.js';
import { RedisStoreError } from './redis-store-error.js';

export interface RedisConnectionOptions {
  /**
   * `redis://[user:password@]host:port/database`, `rediss://…` for TLS, or the path of a Unix socket. User and password
   * are encoded with `encodeURIComponent`. Default `redis://127.0.0.1:6379`.
   */
  readonly url?: string | undefined;
  /** More options for ioredis, for example TLS certificates, Sentinel or passwords. They override the URL. */
  readonly connection?: RedisOptions | undefined;
  /** Timeout of a command, in ms. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

const LONGEST_RECONNECT_MS = 2000;

/**
 * A connection that reconnects by itself. While it is down, commands fail at once. Errors name the server, and contain
 * neither its password nor the arguments of commands.
 */
export class RedisConnection {
  /** Address without user and password. */
  readonly server: string;
  readonly #client: Redis;
  readonly #database: number;
  readonly #secrets: readonly string[];
  /** Resolves to an error if the server refuses the database. Commands wait, or they would use database 0. */
  #selected: Promise<Error | undefined> = Promise.resolve(undefined);
  #lastError: Error | undefined;
  #closed = false;

  private constructor(client: Redis, server: string, database: number) {
    this.#client = client;
    this.server = server;
    this.#database = database;
    const { password, sentinelPassword } = client.options;
    this.#secrets = [password, sentinelPassword].flatMap((secret) => {
      return typeof secret === 'string' ? [secret, encodeURIComponent(secret)] : [];
    });
    // Without a listener, ioredis prints every failed attempt to connect. Here the next command reports the reason.
    client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    client.on('ready', () => {
      this.#lastError = undefined;
      // The client selects the database too, but goes on if the server refuses it.
      if (database !== 0) this.#selected = this.#select();
    });
  }

  /**
   * @throws {@link RedisStoreError} if ioredis is not installed, or if the server does not answer, refuses the
   *   credentials, or does not have the database.
   * @throws RangeError if the URL is not valid.
   */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    const { url = 'redis://127.0.0.1:6379', connection = {}, timeoutMs = 10_000 } = options;
    const address = parseRedisUrl(url);
    const { db, ...others } = connection;
    const database = db === undefined ? (address.options.db ?? 0) : databaseNumber(address.server, db);
    const clientOptions: RedisOptions & { replyMapping: 'legacy' } = {
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, LONGEST_RECONNECT_MS),
      ...address.options,
      ...others,
      db: database,
      // While the server is down, a command fails at once. The caller decides what to do next.
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      replyMapping: 'legacy',
    };
    const Client = await importClient(address.server);
    const client = new Client(clientOptions);
    const { host, port, path, tls } = client.options;
    const server = path ?? serverName(tls ? 'rediss' : 'redis', host!, port!);
    const opened = new RedisConnection(client, server, database);
    try {
      await client.connect();
      await opened.#assertSelected();
    } catch (error) {
      client.disconnect();
      throw opened.#explain(error);
    }
    return opened;
  }

  /** Runs a command. @throws {@link RedisStoreError} instead of the client's errors. */
  async run<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    try {
      // While it connects, the client would accept some commands and refuse others.
      if (this.#closed || this.#client.status !== 'ready') throw new Error(this.#client.status);
      await this.#assertSelected();
      return await command(this.#client);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    // QUIT waits for outstanding answers. A server that is down cannot answer it.
    if (this.#client.status === 'ready') await this.#client.quit().catch(() => undefined);
    this.#client.disconnect();
  }

  async #select(): Promise<Error | undefined> {
    return this.#client.select(this.#database).then(
      () => undefined,
      (error: Error) => error,
    );
  }

  /** @throws {@link RedisStoreError} naming the database that the server refuses. */
  async #assertSelected(): Promise<void> {
    const refusal = await this.#selected;
    if (refusal === undefined) return;
    const { message } = redacted(refusal, this.#secrets);
    if (/^(ERR|NOPERM)/.test(message)) {
      throw new RedisStoreError(this.server, `the server refuses database ${this.#database} (${message})`);
    }
    this.#selected = this.#select(); // There was no answer. The next command tries again.
    throw refusal;
  }

  #explain(error: unknown): RedisStoreError {
    if (RedisStoreError.isInstance(error)) return error;
    const cause = redacted(error, this.#secrets);
    const fail = (reason: string) => new RedisStoreError(this.server, reason, { cause });
    if (this.#closed) return fail('the store is closed');
    const { message } = cause;
    // The client may report a connection as ready although it can no longer write to it.
    const away = this.#client.status !== 'ready' || message.startsWith("Stream isn't writeable");
    const last = this.#lastError && redacted(this.#lastError, this.#secrets).message;
    const why = away ? (last ?? 'the connection is closed') : message;
    if (/WRONGPASS|NOAUTH|invalid password/i.test(why)) return fail(`the server refuses these credentials (${why})`);
    if (/timed out/i.test(why)) return fail(`no answer in ${this.#client.options.commandTimeout} ms`);
    if (away) return fail(`the server is away (${why})`);
    if (/NOPERM/.test(why)) return fail(`the user lacks a permission that a store needs (${why})`);
    if (/unknown command/i.test(why)) return fail(`the server lacks a command that a store needs (${why})`);
    return fail(why);
  }
}

async function importClient(server: string): Promise<typeof Redis> {
  try {
    return (await import('ioredis')).Redis;
  } catch (cause) {
    throw new RedisStoreError(server, 'the package ioredis does not load', {
      command: 'npm install ioredis',
      cause,
    });
  }
}
