import type { RedisConnection } from './redis-connection.js';
import { RedisStoreError } from './redis-store-error.js';

/** The oldest Redis that ioredis supports. Every Valkey reports itself as Redis 7.2. */
const OLDEST: readonly [number, number] = [6, 2];

/**
 * Checks that the server is new enough and does not evict the bank.
 *
 * @throws {@link RedisStoreError} that names the setting to change.
 */
export async function inspectServer(connection: RedisConnection): Promise<void> {
  const info = await connection.run((client) => client.info());
  const fact = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';

  const version = fact('redis_version');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new RedisStoreError(
      connection.server,
      `expected Redis ${OLDEST.join('.')} or newer, or Valkey, got ${version}`,
    );
  }
  const policy = fact('maxmemory_policy');
  if (Number(fact('maxmemory')) > 0 && policy.startsWith('allkeys-')) {
    // All rows are in one key, so evicting one key would drop the whole bank.
    throw new RedisStoreError(
      connection.server,
      `maxmemory-policy ${policy} could evict the whole bank at once: expected noeviction or volatile-*`,
      { command: 'redis-cli CONFIG SET maxmemory-policy noeviction' },
    );
  }
}
