export { type BankAge, bankAge } from './bank-age.js';
export { readBankSnapshot, writeBankSnapshot } from './bank-safetensors.js';
export type { BankSnapshot, BankSnapshotInput } from './bank-snapshot.js';
export type { BankRows, BankStore } from './bank-store.js';
export {
  type Coverage,
  coverageByPopularity,
  coverageBySequence,
  coverageOf,
  type PopularityBucket,
  type PopularityCoverageOptions,
} from './coverage.js';
export {
  completeCandidates,
  type FreshVectors,
  type HistoryVectors,
  type JoinedVectors,
  type JoinOptions,
  type MissingItems,
  readHistories,
} from './dedup-join.js';
export type { EvictionRule } from './eviction.js';
export { type BankWrite, MemoryBank } from './memory-bank.js';
export type { MemoryBankOptions } from './memory-bank-options.js';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.js';
export type { Nearest, NearestOptions } from './nearest.js';
export type { BankRead, ReadableBank, RowVisitor } from './readable-bank.js';
export { type StalestOptions, stalest, type UncoveredOptions, uncovered } from './refresh.js';
export { type SampleStalenessOptions, type Staleness, sampleStaleness, stalenessOf } from './staleness.js';
export type { SyncMetrics, SyncOptions } from './sync/sync-options.js';
export { SyncedBank, type SyncedBankOptions } from './synced-bank.js';
export type { StoredVectors, VectorStorage } from './vector-codec.js';
