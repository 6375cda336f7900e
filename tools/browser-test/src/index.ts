export { browserEntries, NODE_ONLY, packageEntries } from './browser-entries.js';
export { buildSite } from './build-site.js';
export type { PageReport } from './page-report.js';
export { startBrowser, visit } from './page-visit.js';
export { SiteServer } from './serve-site.js';
export { type TrainedSteps, trainSteps } from './train-steps.js';
