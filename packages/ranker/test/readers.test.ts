import { HistoryDecoder, Longer } from '@sifaka/ranker';
import { CONTRACT_LENGTH, readerContract } from './reader-contract.js';

readerContract('HistoryDecoder', (options) => new HistoryDecoder({ ...options, depth: 2 }));
readerContract(
  'HistoryDecoder, without residual',
  (options) => new HistoryDecoder({ ...options, depth: 2, residual: false }),
);
readerContract(
  'HistoryDecoder, projected',
  (options) => new HistoryDecoder({ ...options, depth: 2, attention: { kind: 'projected', heads: 2 } }),
);
for (const merge of [1, 2, 3]) {
  readerContract(
    `Longer, merge ${merge}`,
    (options) => new Longer({ ...options, maxLength: CONTRACT_LENGTH, itemDim: 6 / merge, merge, recent: 2, heads: 2 }),
  );
}
