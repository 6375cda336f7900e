import { AutoInt, DcnV2, DeepFm, Dlrm, FactorizationMachine, MlpHead, RankMixer } from '@sifaka/ranker';
import { headContract } from './head-contract.js';

headContract('MlpHead', (options) => new MlpHead({ ...options, hiddenDims: [6, 4] }));
headContract('RankMixer', (options) => new RankMixer({ ...options, headDim: 2, expansion: 2 }));
headContract('RankMixer, equal pieces', (options) => new RankMixer({ ...options, tokens: 2, headDim: 2 }));
for (const denseTraining of [false, true]) {
  headContract(
    `RankMixer, experts with ${denseTraining ? 'two routers' : 'one router'}`,
    (options) => new RankMixer({ ...options, headDim: 2, feedForward: { kind: 'experts', experts: 2, denseTraining } }),
  );
}
headContract('FactorizationMachine', (options) => new FactorizationMachine({ ...options, factors: 3 }));
headContract('DeepFm', (options) => new DeepFm({ ...options, factors: 3, hiddenDims: [6, 4] }));
headContract('Dlrm', (options) => new Dlrm({ ...options, factors: 3, hiddenDims: [5, 4] })); // 6 units have a corner nearby.
for (const structure of ['stacked', 'parallel'] as const) {
  headContract(`DcnV2, ${structure}`, (options) => new DcnV2({ ...options, structure, hiddenDims: [6, 4] }));
}
for (const experts of [1, 3]) {
  const cross = { kind: 'lowRank', rank: 2, experts } as const;
  headContract(`DcnV2, ${experts} of low rank`, (options) => new DcnV2({ ...options, cross, hiddenDims: [6, 4] }));
}
headContract('AutoInt', (options) => new AutoInt({ ...options, dim: 4, heads: 2, headDim: 3, depth: 2 }));
