import { completeCandidates, MemoryBank, readHistories } from '@sifaka/memory-bank';
import {
  AutoInt,
  DcnV2,
  DeepFm,
  Dien,
  Din,
  Dlrm,
  FactorizationMachine,
  HistoryDecoder,
  historySimilarity,
  Longer,
  MeanPooling,
  MlpHead,
  mixTokens,
  RankMixer,
  Sim,
  similarityFeatures,
  sortDescending,
  TokenMerge,
} from '@sifaka/ranker';
import type { Operation } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';
import { moduleCase } from './module-case.js';

const draw = new Draw('ranking');
/** The second row has two items, the third none. */
const MASK = given([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [3, 4]);

const BANK = new MemoryBank({ dim: 3 });
BANK.write(Int32Array.of(5, 6, 7), Float32Array.from(draw.float([3, 3]).values), 0);

export const RANKING: readonly Operation[] = [
  {
    name: 'HistoryDecoder',
    precision: 'module',
    cases: [
      { name: 'residual', residual: true },
      { name: 'as printed', residual: false },
      { name: 'projected, two heads', residual: true, attention: { kind: 'projected', heads: 2 } as const },
    ].map(({ name, ...options }) =>
      moduleCase({
        name,
        module: () => new HistoryDecoder({ groups: { user: 5 }, dim: 6, depth: 2, ...options, seed: 1 }),
        inputs: [draw.float([3, 5]), draw.float([3, 4, 6]), MASK],
        forward: ([user, history, mask], decoder) =>
          decoder.forward({ features: { user: user! }, history: history!, mask: mask! }),
        smooth: false,
      }),
    ),
  },
  {
    name: 'historySimilarity',
    precision: 'module',
    cases: [
      { name: 'full histories', mask: draw.float([3, 4], 1, 1) },
      { name: 'padding', mask: MASK },
    ].map(({ name, mask }) => ({
      name,
      inputs: [draw.awayFromZero([3, 6]), draw.awayFromZero([3, 4, 6]), mask],
      forward: ([target, history, known]) => {
        const { cosines, sorted } = historySimilarity(target!, history!, known!);
        return [cosines, sorted];
      },
      magnitude: 1,
      smooth: false, // A step may change the order.
    })),
  },
  {
    name: 'similarityFeatures',
    precision: 'module',
    cases: [
      {
        name: 'the most recent, the largest, mean and deviation',
        inputs: [draw.awayFromZero([3, 6]), draw.awayFromZero([3, 4, 6]), MASK],
        forward: ([target, history, known]) =>
          similarityFeatures(target!, history!, known!, { recent: 3, top: 2, statistics: true }),
        magnitude: 1,
        smooth: false, // A step may change the order.
      },
    ],
  },
  {
    name: 'sortDescending',
    precision: 'exact',
    cases: [
      { shape: [3, 5] },
      { shape: [1, 1] },
      { shape: [4, 1] },
      { shape: [0, 3] },
      { shape: [2, 50] },
      { shape: [3, 5], top: 2 },
      { shape: [3, 5], top: 0 },
      { shape: [2, 300], top: 20 },
    ].map(({ shape, top }) => ({
      name: top === undefined ? named(shape) : `${named(shape)}, the first ${top}`,
      inputs: [draw.distinct(shape)],
      forward: ([x]) => sortDescending(x!, top),
    })),
  },
  {
    name: 'TokenMerge',
    precision: 'module',
    cases: [1, 3].map((merge) =>
      moduleCase({
        name: `${merge} to one`,
        module: () => new TokenMerge({ itemDim: 4, merge, seed: 1 }),
        inputs: [draw.float([3, 4, 4]), MASK],
        forward: ([items, mask], module) => module.forward(items!, mask!).tokens,
        smooth: false,
      }),
    ),
  },
  {
    name: 'Longer',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'merged, padded, one row empty',
        module: () =>
          new Longer({
            groups: { target: 5 },
            dim: 6,
            maxLength: 5,
            itemDim: 4,
            merge: 2,
            recent: 1,
            seed: 1,
          }),
        inputs: [draw.float([3, 5]), draw.float([3, 4, 6]), MASK],
        forward: ([target, history, mask], longer) =>
          longer.forward({ features: { target: target! }, history: history!, mask: mask! }),
        smooth: false,
      }),
    ],
  },
  {
    name: 'MeanPooling',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'padded, one row empty',
        module: () => new MeanPooling({ dim: 6 }),
        inputs: [draw.float([3, 4, 6]), MASK],
        forward: ([history, mask], pooling) => pooling.forward({ history: history!, mask: mask! }),
        smooth: false,
      }),
    ],
  },
  {
    name: 'Din',
    precision: 'module',
    cases: [
      { activation: { kind: 'prelu' }, pooling: { kind: 'sum' } } as const,
      { activation: { kind: 'dice' }, pooling: { kind: 'softmax' } } as const,
      { activation: { kind: 'sigmoid' }, pooling: { kind: 'sum' } } as const,
    ].map((options) =>
      moduleCase({
        name: `${options.activation.kind}, ${options.pooling.kind}`,
        module: () => new Din({ dim: 6, hiddenDims: [5, 4], ...options, seed: 1 }),
        inputs: [draw.float([3, 6]), draw.float([3, 4, 6]), MASK],
        forward: ([target, history, mask], din) => din.forward({ target: target!, history: history!, mask: mask! }),
        smooth: false, // A step may cross a PReLU's corner.
      }),
    ),
  },
  {
    name: 'Dien',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'padded, one row empty, with the auxiliary loss',
        module: () => new Dien({ dim: 6, seed: 1 }),
        inputs: [draw.float([3, 6]), draw.float([3, 4, 6]), MASK],
        forward: ([target, history, mask], dien) => {
          const { vectors, auxiliaryLoss } = dien.forwardTraining({
            target: target!,
            history: history!,
            mask: mask!,
          });
          return [vectors, auxiliaryLoss!];
        },
        smooth: false,
      }),
    ],
  },
  {
    name: 'Sim',
    precision: 'module',
    cases: [{ kind: 'hard' } as const, { kind: 'soft' } as const, { kind: 'soft', pooled: true } as const].map(
      (search) =>
        moduleCase({
          name: Object.values(search).join(' '),
          module: () => new Sim({ dim: 6, search, top: 2, heads: 2, seed: 1 }),
          inputs: [draw.float([3, 6]), draw.float([3, 4, 6]), MASK],
          forward: ([target, history, mask], sim) =>
            sim.forward({ target: target!, history: history!, mask: mask!, sameCategory: mask! }),
          smooth: false, // A step may change what is found.
        }),
    ),
  },
  {
    name: 'mixTokens',
    precision: 'exact',
    cases: [
      [2, 3, 4],
      [3, 1, 6],
      [1, 2, 3],
      [2, 0, 4],
    ].map((shape) => ({
      name: named(shape),
      inputs: [draw.float(shape)],
      forward: ([x]) => mixTokens(x!),
    })),
  },
  {
    name: 'RankMixer',
    precision: 'module',
    cases: [1, 4].map((batch) =>
      moduleCase({
        name: `${batch} rows`,
        module: () =>
          new RankMixer({ groups: { user: 3, item: 4, history: 5 }, headDim: 2, depth: 2, expansion: 2, seed: 1 }),
        inputs: [draw.float([batch, 3]), draw.float([batch, 4]), draw.float([batch, 5])],
        forward: ([user, item, history], mixer) => mixer.forward({ user: user!, item: item!, history: history! }),
      }),
    ),
  },
  {
    name: 'RankMixer with experts',
    precision: 'module',
    cases: [true, false].map((denseTraining) =>
      moduleCase({
        name: denseTraining ? 'two routers' : 'one router',
        module: () =>
          new RankMixer({
            groups: { user: 3, item: 4 },
            tokens: 3,
            headDim: 2,
            expansion: 2,
            feedForward: { kind: 'experts', experts: 2, denseTraining },
            seed: 1,
          }),
        inputs: [draw.float([4, 3]), draw.float([4, 4])],
        forward: ([user, item], mixer) => {
          const { logits, auxiliaryLoss } = mixer.forwardTraining({ user: user!, item: item! });
          return [logits, auxiliaryLoss!];
        },
        smooth: false, // A step may open a gate.
      }),
    ),
  },
  {
    name: 'MlpHead',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'two hidden layers',
        module: () => new MlpHead({ groups: { user: 3, item: 4 }, hiddenDims: [6, 5], seed: 1 }),
        inputs: [draw.float([4, 3]), draw.float([4, 4])],
        forward: ([user, item], model) => model.forward({ user: user!, item: item! }),
        smooth: false, // A step may cross a ReLU's corner.
      }),
    ],
  },
  {
    name: 'FactorizationMachine',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'three groups',
        module: () => new FactorizationMachine({ groups: { user: 3, item: 4, history: 5 }, factors: 3, seed: 1 }),
        inputs: [draw.float([4, 3]), draw.float([4, 4]), draw.float([4, 5])],
        forward: ([user, item, history], model) => model.forward({ user: user!, item: item!, history: history! }),
      }),
    ],
  },
  {
    name: 'DeepFm',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'one hidden layer',
        module: () => new DeepFm({ groups: { user: 3, item: 4 }, factors: 3, hiddenDims: [5], seed: 1 }),
        inputs: [draw.float([4, 3]), draw.float([4, 4])],
        forward: ([user, item], model) => model.forward({ user: user!, item: item! }),
        smooth: false, // A step may cross a ReLU's corner.
      }),
    ],
  },
  {
    name: 'Dlrm',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'one hidden layer',
        module: () => new Dlrm({ groups: { user: 3, item: 4, query: 2 }, factors: 3, hiddenDims: [5], seed: 1 }),
        inputs: [draw.float([4, 3]), draw.float([4, 4]), draw.float([4, 2])],
        forward: ([user, item, query], model) => model.forward({ user: user!, item: item!, query: query! }),
        smooth: false, // A step may cross a ReLU's corner.
      }),
    ],
  },
  {
    name: 'DcnV2',
    precision: 'module',
    cases: [
      { name: 'stacked, full', structure: 'stacked', cross: { kind: 'full' } } as const,
      { name: 'parallel, low rank', structure: 'parallel', cross: { kind: 'lowRank', rank: 2, experts: 3 } } as const,
    ].map(({ name, ...options }) =>
      moduleCase({
        name,
        module: () => new DcnV2({ groups: { user: 3, item: 4 }, ...options, hiddenDims: [5], seed: 1 }),
        inputs: [draw.float([4, 3]), draw.float([4, 4])],
        forward: ([user, item], model) => model.forward({ user: user!, item: item! }),
        smooth: false, // A step may cross a ReLU's corner.
      }),
    ),
  },
  {
    name: 'AutoInt',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'two layers, two heads',
        module: () =>
          new AutoInt({ groups: { user: 3, item: 4, history: 5 }, dim: 4, heads: 2, headDim: 3, depth: 2, seed: 1 }),
        inputs: [draw.float([4, 3]), draw.float([4, 4]), draw.float([4, 5])],
        forward: ([user, item, history], model) => model.forward({ user: user!, item: item!, history: history! }),
        smooth: false, // A step may cross a ReLU's corner.
      }),
    ],
  },
  {
    name: 'completeCandidates',
    precision: 'exact',
    cases: [
      {
        name: 'fresh, stored and missing items',
        inputs: [draw.float([2, 3])],
        forward: ([vectors]) => {
          const joined = completeCandidates(BANK, [8, 5, 9, 6, 8, 1], { ids: [8, 9], vectors: vectors! });
          return [joined.vectors, joined.mask];
        },
      },
    ],
  },
  {
    name: 'readHistories',
    precision: 'exact',
    cases: [
      {
        name: 'fresh, stored and missing items, padding',
        inputs: [draw.float([2, 3])],
        forward: ([vectors]) => {
          const read = readHistories(BANK, Int32Array.of(5, 8, -1, 7, 9, 1), 3, { ids: [8, 9], vectors: vectors! });
          return [read.vectors, read.mask];
        },
        differentiable: false,
      },
    ],
  },
];
