import {
  CrossAttention,
  collectParameters,
  FeedForward,
  LayerNorm,
  Linear,
  LowRankAdapter,
  LowRankUpdate,
  runBlocks,
  SelfAttention,
  stopGradient,
  Transformer,
  TransformerBlock,
} from '@sifaka/nn';
import { tensor2d } from '@tensorflow/tfjs-core';
import type { Operation } from '../contract-case.js';
import { Draw, given, named } from '../draw.js';
import { moduleCase } from './module-case.js';

const draw = new Draw('modules of nn');
const padding = given([0, 0, 0, 0, -1e9, 0, 0, -1e9, -1e9, -1e9], [2, 1, 1, 5]);

export const NN_MODULES: readonly Operation[] = [
  {
    name: 'Linear',
    precision: 'module',
    cases: [[5], [3, 5], [2, 4, 5], [0, 5], [2, 3, 2, 5]].flatMap((shape) =>
      [true, false].map((bias) =>
        moduleCase({
          name: `${named(shape)} ${bias ? 'with' : 'without'} a bias`,
          module: () => new Linear({ inputDim: 5, outputDim: 7, seed: 1, bias }),
          inputs: [draw.float(shape)],
          forward: ([x], linear) => linear.forward(x!),
        }),
      ),
    ),
  },
  {
    name: 'LayerNorm',
    precision: 'module',
    cases: [
      moduleCase({
        name: '[2, 3, 6]',
        module: () => new LayerNorm({ dim: 6 }),
        inputs: [draw.float([2, 3, 6])],
        forward: ([x], norm) => norm.forward(x!),
      }),
    ],
  },
  {
    name: 'FeedForward',
    precision: 'module',
    cases: [
      [2, 3, 8],
      [1, 8],
      [0, 3, 8],
    ].map((shape) =>
      moduleCase({
        name: named(shape),
        module: () => new FeedForward({ dim: 8, seed: 1 }),
        inputs: [draw.float(shape)],
        forward: ([x], feedForward) => feedForward.forward(x!),
      }),
    ),
  },
  {
    name: 'SelfAttention',
    precision: 'module',
    cases: [
      ...[
        [2, 5, 8],
        [1, 1, 8],
        [3, 2, 8],
        [0, 3, 8],
      ].map((shape) =>
        moduleCase({
          name: named(shape),
          module: () => new SelfAttention({ dim: 8, heads: 2, seed: 1 }),
          inputs: [draw.float(shape)],
          forward: ([x], attention) => attention.forward(x!),
        }),
      ),
      moduleCase({
        name: 'two queries of five tokens, padded',
        module: () => new SelfAttention({ dim: 8, heads: 4, seed: 1 }),
        inputs: [draw.float([2, 5, 8]), padding],
        forward: ([x, bias], attention) => attention.forward(x!, { bias: bias!, queries: 2 }),
      }),
    ],
  },
  {
    name: 'CrossAttention',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'three queries of five tokens of another width',
        module: () => new CrossAttention({ dim: 8, sourceDim: 6, heads: 2, seed: 1 }),
        inputs: [draw.float([2, 3, 8]), draw.float([2, 5, 6])],
        forward: ([queries, source], attention) => attention.forward(queries!, source!),
      }),
      moduleCase({
        name: 'masked, one row wholly, with a scale',
        module: () => new CrossAttention({ dim: 8, heads: 4, scale: 0.3, seed: 1 }),
        inputs: [draw.float([2, 2, 8]), draw.float([2, 3, 8])],
        forward: ([queries, source], attention) =>
          attention.forward(queries!, source!, { mask: tensor2d([1, 0, 1, 0, 0, 0], [2, 3]) }),
      }),
    ],
  },
  {
    name: 'TransformerBlock',
    precision: 'module',
    cases: [
      [2, 5, 8],
      [1, 1, 8],
    ].map((shape) =>
      moduleCase({
        name: named(shape),
        module: () => new TransformerBlock({ dim: 8, heads: 2, seed: 1 }),
        inputs: [draw.float(shape)],
        forward: ([x], block) => block.forward(x!),
      }),
    ),
  },
  {
    name: 'Transformer',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'two blocks, padded',
        module: () => new Transformer({ dim: 8, heads: 2, depth: 2, seed: 1 }),
        inputs: [draw.float([2, 5, 8]), padding],
        forward: ([x, bias], transformer) => transformer.forward(x!, { bias: bias! }),
      }),
    ],
  },
  {
    name: 'runBlocks',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'two blocks, padded, computed again in the backward pass',
        module: () => new Transformer({ dim: 8, heads: 2, depth: 2, seed: 1 }),
        inputs: [draw.float([2, 5, 8]), padding],
        // The bias is a constant to `recompute`, so no gradient of it is compared.
        smooth: false,
        forward: ([x, bias], { blocks }) => runBlocks(blocks, x!, { bias: stopGradient(bias!), recompute: true }),
      }),
    ],
  },
  {
    name: 'LowRankUpdate',
    precision: 'module',
    cases: [[5], [3, 5], [2, 4, 5], [0, 5]].map((shape) =>
      moduleCase({
        name: named(shape),
        module: () => new LowRankUpdate({ inputDim: 5, outputDim: 7, rank: 2, alpha: 3, seed: 1 }),
        inputs: [draw.float(shape)],
        forward: ([x], update) => [update.forward(x!), update.forward(x!, { from: 1, count: 3 }), update.weight()],
      }),
    ),
  },
  {
    name: 'LowRankAdapter',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'self-attention',
        module: () => new LowRankAdapter(new SelfAttention({ dim: 8, heads: 2, seed: 1 }), { rank: 2, seed: 1 }),
        inputs: [draw.float([2, 5, 8])],
        forward: ([x], adapter) => adapter.module.forward(x!),
      }),
      moduleCase({
        name: 'a block, two queries of five tokens, padded',
        module: () => new LowRankAdapter(new TransformerBlock({ dim: 8, heads: 2, seed: 1 }), { rank: 2, seed: 1 }),
        inputs: [draw.float([2, 5, 8]), padding],
        forward: ([x, bias], adapter) => adapter.module.forward(x!, { bias: bias!, queries: 2 }),
      }),
      moduleCase({
        name: 'queries and values of self-attention, two queries of five tokens',
        module: () => {
          const options = { rank: 2, targets: ['query', 'value'], seed: 1 };
          return new LowRankAdapter(new SelfAttention({ dim: 8, heads: 2, seed: 1 }), options);
        },
        inputs: [draw.float([2, 5, 8])],
        forward: ([x], adapter) => [adapter.module.forward(x!, { queries: 2 }), adapter.module.input.effectiveWeight()],
      }),
      moduleCase({
        name: 'the weight of a Linear',
        module: () => new LowRankAdapter(new Linear({ inputDim: 5, outputDim: 3, seed: 1 }), { rank: 2, seed: 1 }),
        inputs: [],
        forward: (_, adapter) => adapter.module.effectiveWeight(),
      }),
      moduleCase({
        name: 'a frozen view of self-attention, beside the weights that learn',
        module: () => {
          const base = new SelfAttention({ dim: 8, heads: 2, seed: 1 });
          const view = new LowRankAdapter(base.frozenView(), { rank: 2, seed: 1 });
          const dispose = () => {
            view.dispose();
            base.dispose();
          };
          return { base, view, parameters: collectParameters({ base, view }), dispose };
        },
        inputs: [draw.float([2, 3, 8])],
        // Differences in the weights would count the view too, whose gradient is stopped.
        smooth: false,
        forward: ([x], { base, view }) => [base.forward(x!), view.module.forward(x!)],
      }),
    ],
  },
];
