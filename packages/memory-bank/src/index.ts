export {
  completeCandidates,
  type FreshVectors,
  type HistoryVectors,
  type JoinedVectors,
  readHistories,
} from './dedup-join.js';
export { type BankRead, type BankSnapshot, type BankWrite, MemoryBank, type MemoryBankOptions } from './memory-bank.js';
