import { ImageEncoder, TextEncoder } from '@sifaka/encoders';
import { causalBias, TransformerBlock } from '@sifaka/nn';
import { blip2Form, FusionQFormer, publicForm } from '@sifaka/qformer';
import type { Operation } from '../contract-case.js';
import { Draw } from '../draw.js';
import { moduleCase } from './module-case.js';

const draw = new Draw('encoders');
const published = new Draw('published encoders'); // apart, so that the cases after them keep their inputs
const PIXELS = Uint8Array.from(draw.int([2, 8, 12, 3], 256).values);
const image = () => new ImageEncoder({ height: 8, width: 12, patchSize: 4, dim: 8, depth: 1, heads: 2, seed: 1 });
const qformer =
  (depth: number, feedForward = false) =>
  () =>
    new FusionQFormer({
      modalities: ['image', 'text'],
      dim: 8,
      numQueries: 2,
      depth,
      heads: 2,
      outputDim: 5,
      feedForward,
      dropout: 0.5,
      seed: 1,
    });

const SIZES = { dim: 8, numQueries: 2, depth: 2, heads: 2, seed: 1 };

export const ENCODERS: readonly Operation[] = [
  {
    name: 'ImageEncoder',
    precision: 'module',
    cases: [
      moduleCase({ name: 'bytes', module: image, inputs: [], forward: (_, encoder) => encoder.forward(PIXELS).tokens }),
      moduleCase({
        name: 'a tensor of pixels',
        module: image,
        inputs: [draw.int([1, 8, 12, 3], 256)],
        forward: ([pixels], encoder) => encoder.forward(pixels!).tokens,
      }),
    ],
  },
  {
    name: 'TextEncoder',
    precision: 'module',
    cases: [
      {
        name: 'padded, one text empty',
        ids: [4, 5, 5, 9, 0, 0, 0, 0, 0],
        lengths: [3, 1, 0],
        length: 3,
        smooth: false,
      },
      { name: 'padded', ids: [4, 5, 5, 9, 3, 0], lengths: [3, 2], length: 3 },
      { name: 'one token', ids: [2], lengths: [1], length: 1 },
      { name: 'two types', ids: [4, 5, 5, 9, 3, 0], lengths: [3, 2], length: 3, types: [0, 1, 1, 0, 0, 1] },
      // A row of padding alone adds −10⁹ to all logits, which rounds them. Differences notice, the gradient does not.
    ].map(({ name, ids, lengths, length, types, smooth = true }) =>
      moduleCase({
        name,
        module: () =>
          new TextEncoder({
            vocabularySize: 10,
            maxLength: 4,
            dim: 8,
            tokenTypes: types === undefined ? 1 : 2,
            depth: 1,
            heads: 2,
            seed: 1,
          }),
        inputs: [],
        smooth,
        forward: (_, encoder) =>
          encoder.forward({
            ids: Int32Array.from(ids),
            lengths: Int32Array.from(lengths),
            length,
            ...(types && { types: Int32Array.from(types) }),
          }).tokens,
      }),
    ),
  },
  {
    name: 'TransformerBlock of published encoders',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'post-norm, as in BERT',
        module: () => new TransformerBlock({ dim: 8, heads: 2, norm: { kind: 'post', epsilon: 1e-12 }, seed: 1 }),
        inputs: [published.float([2, 3, 8])],
        forward: ([tokens], block) => block.forward(tokens!),
      }),
      moduleCase({
        name: 'causal with quickGelu, as in CLIP',
        module: () => new TransformerBlock({ dim: 8, heads: 2, activation: 'quickGelu', seed: 1 }),
        inputs: [published.float([2, 3, 8])],
        forward: ([tokens], block) => block.forward(tokens!, { bias: causalBias(3) }),
      }),
      moduleCase({
        name: 'geluTanh, as in SigLIP, and LayerScale, as in DINOv2',
        module: () => new TransformerBlock({ dim: 8, heads: 2, activation: 'geluTanh', layerScale: 0.5, seed: 1 }),
        inputs: [published.float([2, 3, 8])],
        forward: ([tokens], block) => block.forward(tokens!),
      }),
    ],
  },
  {
    name: 'FusionQFormer',
    precision: 'module',
    cases: [
      moduleCase({
        name: 'two modalities',
        module: qformer(1),
        inputs: [draw.float([2, 3, 8]), draw.float([2, 4, 8])],
        forward: ([image, text], fusion) => {
          const output = fusion.forward({ image: { tokens: image! }, text: { tokens: text! } });
          return [output.queries, output.vector];
        },
      }),
      moduleCase({
        name: 'two layers with feed-forward, masked',
        module: qformer(2, true),
        inputs: [draw.float([2, 3, 8]), draw.mask([2, 3])],
        forward: ([text, mask], fusion) => fusion.forward({ text: { tokens: text!, mask: mask! } }).vector,
        smooth: false,
      }),
      moduleCase({
        name: 'dropout',
        module: qformer(1),
        inputs: [draw.float([3, 2, 8])],
        forward: ([image], fusion) => fusion.forward({ image: { tokens: image! } }, { dropoutSeed: 5 }).vector,
      }),
      moduleCase({
        name: 'the public form, with widths of its own',
        module: () => new FusionQFormer(publicForm({ ...SIZES, modalities: { image: 5, text: 3 } })),
        inputs: [draw.float([2, 1, 5]), draw.float([2, 1, 3])],
        forward: ([image, text], fusion) =>
          fusion.forward({ image: { tokens: image! }, text: { tokens: text! } }).vector,
      }),
      moduleCase({
        name: "BLIP-2's form",
        module: () => new FusionQFormer(blip2Form({ ...SIZES, modalities: ['image'], tokenDim: 6, hiddenDim: 12 })),
        inputs: [draw.float([2, 4, 6])],
        forward: ([image], fusion) => fusion.forward({ image: { tokens: image! } }).queries,
      }),
      moduleCase({
        name: 'pre-norm cross-attention with positions',
        module: () =>
          new FusionQFormer({
            ...SIZES,
            modalities: ['image'],
            attention: { kind: 'cross' },
            norm: { kind: 'pre' },
            positionEmbeddings: { image: 4 },
          }),
        inputs: [draw.float([2, 3, 8])],
        forward: ([image], fusion) => fusion.forward({ image: { tokens: image! } }).vector,
      }),
    ],
  },
];
