export type { InteractionTable, InteractionTableOptions } from '../rows/interaction-rows.js';
export type { ItemTable, ItemTableOptions } from '../rows/item-rows.js';
export type { QueryTable, QueryTableOptions } from '../rows/query-rows.js';
export { TableError, type TableErrorDetails } from '../rows/table-error.js';
export type { TableLimits } from '../rows/table-limits.js';
export { readInteractions } from './read-interactions.js';
export { readItems } from './read-items.js';
export { readQueryLog } from './read-query-log.js';
