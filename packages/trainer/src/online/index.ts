export { GrowingCatalogue } from './growing-catalogue.js';
export { listOnline } from './online-checkpoint.js';
export type { OnlineCounts } from './online-counts.js';
export type {
  AddedItems,
  Arrival,
  OnlineOptions,
  OnlineSettings,
  OnlineState,
  RankedItem,
  RankRequest,
  RunOnlineOptions,
} from './online-options.js';
export { OnlineTrainer } from './online-trainer.js';
export type { OnlineMetrics } from './prequential-meter.js';
export type { NewItem } from './read-new-items.js';
export { type ResumedModel, type ResumeOnlineOptions, resumeOnline } from './resume-online.js';
