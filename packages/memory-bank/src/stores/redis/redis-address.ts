import type { RedisOptions } from 'ioredis';
import { RedisStoreError } from './redis-store-error.js';

/** A server's address, taken from a URL. */
export interface RedisAddress {
  /** For messages: without user, password and database. */
  readonly server: string;
  readonly options: Pick<RedisOptions, 'host' | 'port' | 'path' | 'username' | 'password' | 'db' | 'tls' | 'family'>;
}

const EXPECTED = 'redis://user:password@host:port/database, rediss://… or the path of a socket';
const ENCODE = 'Encode user and password with encodeURIComponent';

/**
 * Parses `redis://[user[:password]@]host[:port][/database][?family=4|6]`, `rediss://…` or the path of a Unix socket.
 * The client's own parser is not used, because its errors contain the URL. A refused URL is never quoted: a password
 * with `/`, `#` or `@` may be anywhere in it.
 *
 * @throws RangeError if the URL is not valid.
 * @throws {@link RedisStoreError} if the database is not a number.
 */
export function parseRedisUrl(url: string): RedisAddress {
  if (typeof url !== 'string') throw new RangeError(`RedisStore: url: expected ${EXPECTED}, got ${typeof url}`);
  if (url.startsWith('/') && !url.startsWith('//')) {
    if (!url.includes('?')) return { server: url, options: { path: url } };
    throw new RangeError(
      'RedisStore: url: expected the path of a socket, got a query after it: use the option connection',
    );
  }
  if (!/^rediss?:\/\//i.test(url)) {
    const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(url)?.[1];
    const got = scheme === undefined ? 'a text without redis:// or rediss://' : `the scheme ${scheme}://`;
    throw new RangeError(`RedisStore: url: expected ${EXPECTED}, got ${got}`);
  }
  const refuse = (got: string) => new RangeError(`RedisStore: url: expected ${EXPECTED}, got ${got}. ${ENCODE}`);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === '') throw refuse('a text that is not a URL');
  const rest = parsed.pathname + parsed.search + parsed.hash;
  if (rest.includes('@')) throw refuse('an @ after the host');
  if (parsed.hash !== '') throw refuse('a #');

  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const port = parsed.port === '' ? 6379 : Number(parsed.port);
  const scheme = parsed.protocol === 'rediss:' ? 'rediss' : 'redis';
  const server = serverName(scheme, host, port);
  const username = decoded(parsed.username);
  const password = decoded(parsed.password);
  if (username === undefined || password === undefined) throw refuse('a % without two digits after it');
  const query = new URLSearchParams(parsed.search);
  for (const [name, value] of query) {
    if (name !== 'family' || !['4', '6'].includes(value))
      throw refuse('a query other than ?family=4 or 6: use the option connection');
  }
  const database = parsed.pathname.replace(/^\/|\/$/g, '');
  return {
    server,
    options: {
      host,
      port,
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      ...(database === '' ? {} : { db: databaseNumber(server, database) }),
      ...(query.has('family') ? { family: query.get('family') === '6' ? 6 : 4 } : {}),
      ...(scheme === 'rediss' ? { tls: {} } : {}),
    },
  };
}

/** `redis://host:port`, with brackets around an IPv6 address. */
export function serverName(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @throws {@link RedisStoreError} if the database is not an integer from 0. */
export function databaseNumber(server: string, database: unknown): number {
  const number = typeof database === 'string' && !/^\d{1,9}$/.test(database) ? Number.NaN : Number(database);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new RedisStoreError(server, `expected a database number from 0, got ${String(database).slice(0, 40)}`);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
