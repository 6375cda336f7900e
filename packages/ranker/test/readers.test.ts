import { Dien, Din, HistoryDecoder, Longer, MeanPooling, Sim } from '@sifaka/ranker';
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

readerContract('MeanPooling', (options) => new MeanPooling(options), { features: false, weights: false });

const ASKED_BY_TARGET = { features: false, target: true };
for (const activation of ['prelu', 'dice', 'sigmoid'] as const) {
  for (const pooling of ['sum', 'softmax'] as const) {
    readerContract(
      `Din, ${activation}, ${pooling}`,
      (options) =>
        new Din({ ...options, hiddenDims: [6, 5], activation: { kind: activation }, pooling: { kind: pooling } }),
      ASKED_BY_TARGET,
    );
  }
}
readerContract('Dien', (options) => new Dien(options), { ...ASKED_BY_TARGET, training: true });
for (const search of [{ kind: 'hard' }, { kind: 'soft' }, { kind: 'soft', pooled: true }] as const) {
  for (const top of [2, 20]) {
    readerContract(
      `Sim, ${Object.values(search).join(' ')}, top ${top}`,
      (options) => new Sim({ ...options, search, top, heads: 2 }),
      ASKED_BY_TARGET,
    );
  }
}
