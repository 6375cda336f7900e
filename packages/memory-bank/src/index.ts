export { readBankSnapshot, writeBankSnapshot } from './bank/bank-safetensors.js';
export type { BankSnapshot, BankSnapshotInput } from './bank/bank-snapshot.js';
export type { EvictionRule } from './bank/eviction.js';
export { type BankWrite, type BankWriteOptions, MemoryBank } from './bank/memory-bank.js';
export type { BankChange, BankHooks, MemoryBankOptions } from './bank/memory-bank-options.js';
export type { Nearest, NearestOptions } from './bank/nearest.js';
export type { BankRead, ReadableBank, RowVisitor } from './bank/readable-bank.js';
export { completeCandidates } from './join/complete-candidates.js';
export type { FreshVectors, JoinedVectors, JoinOptions, MissingItems } from './join/join-vectors.js';
export { type HistoryVectors, readHistories } from './join/read-histories.js';
export { type BankAge, bankAge } from './metrics/bank-age.js';
export {
  type Coverage,
  coverageByPopularity,
  coverageBySequence,
  coverageOf,
  type PopularityBucket,
  type PopularityCoverageOptions,
} from './metrics/coverage.js';
export { type SampleStalenessOptions, type Staleness, sampleStaleness, stalenessOf } from './metrics/staleness.js';
export { type StalestOptions, stalest } from './refresh/stalest.js';
export { type UncoveredOptions, uncovered } from './refresh/uncovered.js';
export type { BankRows } from './rows/bank-rows.js';
export type { StoredVectors, VectorStorage } from './rows/vector-codec.js';
export type { BankStore } from './stores/bank-store.js';
export { MemoryStore, type MemoryStoreOptions } from './stores/memory-store.js';
export type { SyncMetrics, SyncOptions } from './sync/sync-options.js';
export { SyncedBank, type SyncedBankOptions } from './sync/synced-bank.js';
