import { type LoadImageOptions, loadImageEncoder, loadTextEncoder, type PretrainedFiles } from '@sifaka/encoders';
import { ImageProcessor } from '@sifaka/encoders/node';
import type { SafetensorsEntry } from '@sifaka/nn';
import { memory, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  checkpointOf,
  filesOf,
  type ImageGolden,
  readPublished,
  type Tensors,
  type TextGolden,
} from './published-golden.js';

const BERT = readPublished<TextGolden>('bert');
const CLIP_TEXT = readPublished<TextGolden>('clip-text');
const SIGLIP = readPublished<TextGolden>('siglip-text');
const VIT = readPublished<ImageGolden>('vit');
const DINO = readPublished<ImageGolden>('dinov2');
const CLIP_IMAGE = readPublished<ImageGolden>('clip-image');

const entry = (...shape: number[]): SafetensorsEntry => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** A checkpoint whose values nobody may read. */
const unread = (files: PretrainedFiles): PretrainedFiles => ({
  ...files,
  weights: { ...files.weights, read: (name) => Promise.reject(new Error(`read ${name}`)) },
});

async function expectRefused(load: () => Promise<unknown>, message: string | RegExp): Promise<void> {
  const before = memory().numTensors;
  await expect(load()).rejects.toThrow(message);
  expect(memory().numTensors).toBe(before);
}

/** Loads BERT or ViT with a changed configuration, preprocessor or list of tensors. */
function loadBert(change: Readonly<Record<string, unknown>>, spoil: (tensors: Tensors) => void = () => {}) {
  const tensors = checkpointOf(BERT);
  spoil(tensors);
  return loadTextEncoder(unread(filesOf({ config: { ...BERT.config, ...change } }, tensors)));
}

function loadVit(
  change: Readonly<Record<string, unknown>>,
  preprocessor: Readonly<Record<string, unknown>> | undefined = VIT.preprocessor,
  options: LoadImageOptions = {},
) {
  const files = filesOf(
    { config: { ...VIT.config, ...change }, ...(preprocessor && { preprocessor }) },
    checkpointOf(VIT),
  );
  return loadImageEncoder(unread(files), options);
}

describe('a configuration', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string | RegExp]>([
    [
      'of an unknown architecture',
      { model_type: 'mamba' },
      'tiny: config.json: expected model_type to be one of bert, distilbert, roberta, xlm-roberta, clip, ' +
        'clip_text_model, siglip, siglip_text_model, got mamba',
    ],
    [
      'of a variable image size',
      { model_type: 'siglip2' },
      'got siglip2 (SigLIP 2 with a variable image size (NaFlex)',
    ],
    ['without an architecture', { model_type: undefined }, 'expected model_type to be a text, got none'],
    [
      'with an unknown activation',
      { hidden_act: 'silu' },
      'expected hidden_act to be one of gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, quick_gelu, got silu',
    ],
    [
      'without heads',
      { num_attention_heads: undefined },
      'expected num_attention_heads to be a whole number from 1, got none',
    ],
    [
      'with a width that is no number',
      { hidden_size: '16' },
      'expected hidden_size to be a whole number from 1, got 16',
    ],
    ['with a negative epsilon', { layer_norm_eps: -1 }, 'expected layer_norm_eps to be a number above 0, got -1'],
    [
      'with relative positions',
      { position_embedding_type: 'relative_key' },
      'expected position_embedding_type absolute',
    ],
    ['with heads that do not divide the width', { num_attention_heads: 3 }, 'expected heads to divide dim 16, got 3'],
    [
      'of another depth',
      { num_hidden_layers: 3 },
      /expected weights named bert\.encoder\.layer\.2\.attention.+ got none/,
    ],
  ])('%s is refused before a weight is read', async (_, change, message) => {
    await expectRefused(() => loadBert(change), message);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['of an unknown architecture', { model_type: 'bert' }, 'expected model_type to be one of vit, dinov2, '],
    ['without biases', { qkv_bias: false }, 'config.json: expected qkv_bias true, got false'],
    ['of images with an alpha channel', { num_channels: 4 }, 'config.json: expected num_channels 3, got 4'],
  ])('of images %s is refused', async (_, change, message) => {
    await expectRefused(() => loadVit(change), message);
  });

  it('of the giant DINOv2 is refused, because its feed-forward part is another one', async () => {
    const files = filesOf({ ...DINO, config: { ...DINO.config, use_swiglu_ffn: true } }, checkpointOf(DINO));
    await expectRefused(() => loadImageEncoder(files), 'config.json: expected use_swiglu_ffn false, got true');
  });
});

describe('weights', () => {
  const QUERY = 'bert.encoder.layer.1.attention.self.query.weight';

  it.each<[string, (tensors: Tensors) => void, string]>([
    [
      'that are missing',
      (tensors) => tensors.delete(QUERY),
      `loadTextEncoder: tiny: expected weights named ${QUERY}, got none`,
    ],
    [
      'of an unknown name',
      (tensors) => tensors.set('bert.encoder.layer.2.output.dense.bias', entry(16)),
      'tiny: expected only the weights of this model, got bert.encoder.layer.2.output.dense.bias',
    ],
    [
      'of another shape',
      (tensors) => tensors.set(QUERY, entry(16, 24)),
      `tiny: ${QUERY}: expected [16, 16], got [16, 24]`,
    ],
    [
      'of whole numbers',
      (tensors) => tensors.set(QUERY, { dtype: 'I32', shape: [16, 16], data: new Int32Array(256) }),
      `tiny: ${QUERY}: expected F32 or F16 or BF16, got I32`,
    ],
  ])('%s are refused before any is read', async (_, spoil, message) => {
    await expectRefused(() => loadBert({}, (tensors) => void spoil(tensors)), message);
  });

  it('that end early are refused, and nothing stays behind', async () => {
    const tensors = checkpointOf(BERT);
    const files = filesOf(BERT, tensors);
    const read = async (name: string) => tensors.get(name)!.data.subarray(name === QUERY ? 1 : 0) as Float32Array;
    const short = { ...files, weights: { ...files.weights, read } };
    await expectRefused(() => loadTextEncoder(short), `loadTextEncoder: tiny: ${QUERY}: expected 256 values, got 255`);
  });

  it('that cannot be read give the error of the reader, and nothing stays behind', async () => {
    await expectRefused(() => loadBert({}), 'read bert.embeddings.word_embeddings.weight');
  });

  it('of heads and buffers are ignored and listed', async () => {
    const tensors = checkpointOf(BERT);
    tensors.set('bert.embeddings.position_ids', { dtype: 'I32', shape: [1, 8], data: new Int32Array(8) });
    const { encoder, ignored } = await loadTextEncoder(filesOf(BERT, tensors));
    expect([...ignored].sort()).toEqual([
      'bert.embeddings.position_ids',
      'bert.pooler.dense.bias',
      'bert.pooler.dense.weight',
      ...[...tensors.keys()].filter((name) => name.startsWith('cls.')).sort(),
    ]);
    encoder.dispose();
  });

  it('are found without the prefix, and norms by the names of old files', async () => {
    const renamed = (name: string) =>
      name
        .replace(/^bert\./, '')
        .replace(/LayerNorm\.weight$/, 'LayerNorm.gamma')
        .replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
    const old = new Map([...checkpointOf(BERT)].map(([name, entry]) => [renamed(name), entry]));
    const loaded = [
      await loadTextEncoder(filesOf(BERT, old)),
      await loadTextEncoder(filesOf(BERT, checkpointOf(BERT))),
    ];
    const [ours, plain] = loaded.map(({ encoder }) => [...encoder.parameters.values()].map((v) => [...v.dataSync()]));
    expect(ours).toEqual(plain);
    for (const { encoder } of loaded) encoder.dispose();
  });
});

describe('options', () => {
  it('name the kinds of pooling that an architecture has', async () => {
    const load = () => loadTextEncoder(filesOf(BERT, checkpointOf(BERT)), { pooling: { kind: 'projection' } });
    await expectRefused(load, 'expected pooling.kind to be one of mean, classification, pooler, got projection');
  });

  it('or the tokenizer name what SigLIP is padded with', async () => {
    const files = filesOf(SIGLIP, checkpointOf(SIGLIP));
    await expectRefused(() => loadTextEncoder(files), /expected the id of padding, .+ name it by the option paddingId/);
    await expectRefused(() => loadTextEncoder(files, { paddingId: 20 }), 'expected paddingId in 0 … 19, got 20');
    const texts = { ids: Int32Array.of(3, 9), length: 2, lengths: Int32Array.of(2) };
    const pooledOf = async (more: Partial<PretrainedFiles>, paddingId?: number) => {
      const options = paddingId === undefined ? {} : { paddingId };
      const { encoder } = await loadTextEncoder({ ...files, ...more }, options);
      const pooled = tidy(() => [...encoder.forward(texts).pooled.dataSync()]);
      encoder.dispose();
      return pooled;
    };
    const expected = await pooledOf({}, 5);
    const decoder = { added_tokens_decoder: { 5: { content: '<pad>' } } };
    expect(await pooledOf({ tokenizerConfig: { pad_token: '<pad>', ...decoder } })).toEqual(expected);
    expect(await pooledOf({ tokenizerConfig: { pad_token: { content: '<pad>' }, ...decoder } })).toEqual(expected);
    const added = JSON.stringify({ added_tokens: [{ id: 5, content: '<pad>' }] });
    expect(await pooledOf({ tokenizerConfig: { pad_token: '<pad>' }, tokenizer: added })).toEqual(expected);
    expect(await pooledOf({ tokenizer: JSON.stringify({ padding: { pad_id: 5 } }) })).toEqual(expected);
    expect(await pooledOf({}, 6)).not.toEqual(expected);
  });

  it('or preprocessor_config.json scale the pixels, as ImageProcessor reads it', async () => {
    for (const preprocessor of [{}, VIT.preprocessor]) {
      const { encoder } = await loadImageEncoder(filesOf({ ...VIT, preprocessor }, checkpointOf(VIT)));
      const processor = ImageProcessor.fromFiles({ name: 'tiny', preprocessor, config: VIT.config });
      const { encoder: same } = await loadImageEncoder(filesOf(VIT, checkpointOf(VIT)), { scale: processor.scale });
      const bytes = Uint8Array.from({ length: 12 * 12 * 3 }, (_, i) => (i * 91) % 256);
      tidy(() => {
        expect(encoder.forward(bytes).pooled).toBeAllClose(same.forward(bytes).pooled, { atol: 0, rtol: 0 });
      });
      for (const made of [encoder, same]) made.dispose();
    }
  });

  it('or preprocessor_config.json scale the pixels', async () => {
    const files = filesOf({ config: VIT.config }, checkpointOf(VIT));
    await expectRefused(() => loadImageEncoder(files), 'expected preprocessor_config.json, got none; name the scale');
    const refusals = [
      [{ image_mean: [1, 2] }, 'preprocessor_config.json: image_mean: expected 3 numbers, got [1,2]'],
      [{ image_std: [0.5, 0, 0.5] }, 'image_std: expected numbers other than 0, got [0.5,0,0.5]'],
      [{ image_processor_type: 'MambaImageProcessor' }, 'image_processor_type: expected ViTImageProcessor, '],
      [{ do_pad: true }, 'do_pad: expected no such setting, got true'],
    ] as const;
    for (const [change, message] of refusals) {
      await expectRefused(() => loadVit({}, { ...VIT.preprocessor, ...change }), message);
    }
    const scale = { rescale: 1 / 128, mean: [0, 1, 2], deviation: [1, 2, 4] };
    const strange = { ...VIT, preprocessor: { image_processor_type: 'MambaImageProcessor' } };
    const given = { scale, imageSize: { height: 12, width: 12 } };
    (await loadImageEncoder(filesOf(strange, checkpointOf(VIT)), given)).encoder.dispose();
    const { encoder } = await loadImageEncoder(files, { scale });
    const same = await loadImageEncoder(
      filesOf(
        { ...VIT, preprocessor: { rescale_factor: 1 / 128, image_mean: [0, 1, 2], image_std: [1, 2, 4] } },
        checkpointOf(VIT),
      ),
    );
    const bytes = Uint8Array.from({ length: 12 * 12 * 3 }, (_, i) => (i * 37) % 256);
    tidy(() => {
      const { pooled } = encoder.forward(bytes);
      expect(pooled).toBeAllClose(same.encoder.forward(bytes).pooled, { atol: 0, rtol: 0 });
      expect(pooled).toBeAllClose(encoder.forward(tensor4d([...bytes], [1, 12, 12, 3])).pooled, { atol: 0, rtol: 0 });
    });
    for (const made of [encoder, same.encoder]) made.dispose();
  });

  it.each<[string, Readonly<Record<string, unknown>>, readonly [number, number]]>([
    ['a crop', { size: { shortest_edge: 9 }, crop_size: { height: 16, width: 8 }, do_center_crop: true }, [16, 8]],
    ['an old crop', { image_processor_type: 'CLIPFeatureExtractor', size: 9, crop_size: 8 }, [8, 8]],
    [
      'a crop that the class does not know',
      { image_processor_type: 'ViTImageProcessor', size: 8, crop_size: 4 },
      [8, 8],
    ],
    ['a size', { size: { height: 8, width: 16 } }, [8, 16]],
    ['a size and no crop', { size: 16, crop_size: 8, do_center_crop: false }, [16, 16]],
    ['the shortest edge alone', { size: { shortest_edge: 9 } }, [12, 12]],
  ])('take the size of images from %s', async (_, more, [height, width]) => {
    const files = filesOf({ ...VIT, preprocessor: { ...VIT.preprocessor, ...more } }, checkpointOf(VIT));
    const { encoder } = await loadImageEncoder(files);
    expect([encoder.height, encoder.width]).toEqual([height, width]);
    encoder.dispose();
  });

  it('refuse a size that patches do not fill', async () => {
    const imageSize = { height: 14, width: 12 };
    await expectRefused(
      () => loadVit({}, undefined, { imageSize }),
      'tiny: expected multiples of patchSize 4, got 14 × 12',
    );
  });
});

describe('CLIP', () => {
  it('refuses a text that does not end', async () => {
    const { encoder } = await loadTextEncoder(filesOf(CLIP_TEXT, checkpointOf(CLIP_TEXT)));
    const texts = { ids: Int32Array.of(18, 19, 18, 4), length: 2, lengths: Int32Array.of(2, 2) };
    expect(() => encoder.forward(texts)).toThrow('row 1: expected the token 19, which ends a text, got none');
    encoder.dispose();
  });

  it('without a projection pools before it', async () => {
    const tensors = checkpointOf(CLIP_IMAGE);
    tensors.delete('visual_projection.weight');
    const config = { ...(CLIP_IMAGE.config['vision_config'] as object), model_type: 'clip_vision_model' };
    const { encoder, pooling } = await loadImageEncoder(filesOf({ ...CLIP_IMAGE, config }, tensors));
    expect(pooling).toEqual({ kind: 'classification' });
    expect(encoder.pooledDim).toBe(16);
    encoder.dispose();
  });
});
