import { MlpHead, RankMixer } from '@sifaka/ranker';
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
