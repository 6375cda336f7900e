export { LmdbStore, type LmdbStoreOptions } from './lmdb-store.js';
export { LmdbStoreError } from './lmdb-store-error.js';
