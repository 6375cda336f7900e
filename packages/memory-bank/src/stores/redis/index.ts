export { RedisStore, type RedisStoreOptions } from './redis-store.js';
export { RedisStoreError } from './redis-store-error.js';
