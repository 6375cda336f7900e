import type { Redis, RedisOptions } from 'ioredis';
import { RedisStoreError } from './redis-store-error.js';

export interface RedisConnectionOptions {
  /**
   * `redis://[user:password@]host:port/db`, `rediss://…` for TLS, or the path of a Unix socket. Default
   * `redis://127.0.0.1:6379`.
   */
  readonly url?: string | undefined;
  /** More options for ioredis, for example TLS certificates, Sentinel or passwords. They override the URL. */
  readonly connection?: RedisOptions | undefined;
  /** Timeout of a command, in ms. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

const LONGEST_RECONNECT_MS = 2000;

/** A connection that reconnects by itself. While it is down, commands fail at once. Errors name the server. */
export class RedisConnection {
  /** Address without user and password. */
  readonly server: string;
  readonly #client: Redis;
  #lastError: Error | undefined;
  #closed = false;

  private constructor(client: Redis, server: string) {
    this.#client = client;
    this.server = server;
    // Without a listener, ioredis prints every failed attempt to connect. Here the next command reports the reason.
    client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    client.on('ready', () => {
      this.#lastError = undefined;
    });
  }

  /**
   * @throws {@link RedisStoreError} if ioredis is not installed, the server does not answer, or it refuses the
   *   credentials.
   * @throws RangeError if the URL is not valid.
   */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    const { url = 'redis://127.0.0.1:6379', connection = {}, timeoutMs = 10_000 } = options;
    if (!/^(rediss?:\/\/|\/)/.test(url)) {
      throw new RangeError(
        `RedisStore: expected redis://host:port, rediss://… or the path of a socket, got ${withoutCredentials(url)}`,
      );
    }
    const clientOptions: RedisOptions & { replyMapping: 'legacy' } = {
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, LONGEST_RECONNECT_MS),
      ...connection,
      // While the server is down, a command fails at once. The caller decides what to do next.
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      replyMapping: 'legacy',
    };
    const Client = await importClient(url);
    const client = new Client(url, clientOptions);
    const { host, port, path } = client.options;
    const opened = new RedisConnection(client, path ?? `redis://${host}:${port}`);
    try {
      await client.connect();
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

  #explain(error: unknown): RedisStoreError {
    if (RedisStoreError.isInstance(error)) return error;
    const fail = (reason: string) => new RedisStoreError(this.server, reason, { cause: error });
    if (this.#closed) return fail('the store is closed');
    const message = error instanceof Error ? error.message : String(error);
    // The client may report a connection as ready although it can no longer write to it.
    const away = this.#client.status !== 'ready' || message.startsWith("Stream isn't writeable");
    const why = away ? (this.#lastError?.message ?? 'the connection is closed') : message;
    if (/WRONGPASS|NOAUTH|invalid password/i.test(why)) return fail(`the server refuses these credentials (${why})`);
    if (/timed out/i.test(why)) return fail(`no answer in ${this.#client.options.commandTimeout} ms`);
    if (away) return fail(`the server is away (${why})`);
    if (/NOPERM/.test(why)) return fail(`the user lacks a permission that a store needs (${why})`);
    if (/unknown command/i.test(why)) return fail(`the server lacks a command that a store needs (${why})`);
    return fail(why);
  }
}

async function importClient(url: string): Promise<typeof Redis> {
  try {
    return (await import('ioredis')).Redis;
  } catch (cause) {
    throw new RedisStoreError(withoutCredentials(url), 'the package ioredis does not load', {
      command: 'npm install ioredis',
      cause,
    });
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
