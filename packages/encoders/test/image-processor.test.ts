import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeImage, decodeImages, ImageProcessor } from '@sifaka/encoders/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generatedImage } from './generated-image.js';
import golden from './golden/published-processors.json' with { type: 'json' };

type Config = Readonly<Record<string, unknown>>;
const configs = Object.entries(golden.configs) as [
  string,
  { config: Config; images: (typeof golden.configs)['ViT']['images'] },
][];

const processorOf = (preprocessor: Config) => ImageProcessor.fromFiles({ name: 'tiny', preprocessor });

let pictures: Buffer[];
beforeAll(async () => {
  pictures = await Promise.all(
    golden.images.map(([kind, width, height]) => png(kind as string, width as number, height as number)),
  );
});

function png(kind: string, width: number, height: number): Promise<Buffer> {
  return sharp(generatedImage(kind, width, height), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Largest and mean difference. */
function differences(a: Uint8Array, b: Uint8Array): readonly [number, number] {
  const all = a.map((value, i) => Math.abs(value - b[i]!));
  return [Math.max(...all), all.reduce((sum, value) => sum + value, 0) / all.length];
}

describe.each(configs)('the processor of %s', (_, { config, images }) => {
  test('gives the pixels of transformers with Pillow', async () => {
    const processor = processorOf(config);
    for (const [i, { shape, pixels }] of images.entries()) {
      const own = await decodeImage(pictures[i]!, processor);
      expect([processor.size.height, processor.size.width, 3]).toEqual(shape);
      const expected = new Uint8Array(Buffer.from(pixels, 'base64'));
      expect(own).toHaveLength(expected.length);
      expect([golden.images[i], ...differences(own, expected)]).toEqual([golden.images[i], 0, 0]);
    }
  });

  test('scales them in the same way', async () => {
    const processor = processorOf(config);
    const { rescale, mean, deviation } = processor.scale;
    const { width, height } = processor.size;
    for (const [i, { middle }] of images.entries()) {
      const own = await decodeImage(pictures[i]!, processor);
      const at = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 3;
      const scaled = [0, 1, 2].map((channel) => (own[at + channel]! * rescale - mean[channel]!) / deviation[channel]!);
      scaled.forEach((value, channel) => {
        expect(Math.abs(value - middle[channel]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
      });
    }
  });
});

describe('ImageProcessor', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sifaka-processor-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const clip = golden.configs.CLIP.config;

  test('decodes many files, with their counts, and its plan is part of the cache', async () => {
    const files = [
      undefined,
      path.join(folder, 'broken.png'),
      ...pictures.map((_, i) => path.join(folder, `${i}.png`)),
    ];
    writeFileSync(files[1]!, 'no image');
    pictures.forEach((bytes, i) => {
      writeFileSync(files[i + 2]!, bytes);
    });
    const cacheFile = path.join(folder, 'pixels.cache');
    const size = processorOf(clip);
    const decoded = await decodeImages(files, { size, cacheFile });
    expect([decoded.size, decoded.counts]).toEqual([size.size, { ok: pictures.length, missing: 1, broken: 1 }]);
    const bytes = 20 * 20 * 3;
    for (const [i, { pixels }] of golden.configs.CLIP.images.entries()) {
      const own = decoded.pixels.subarray((i + 2) * bytes, (i + 3) * bytes);
      expect(Buffer.from(own).toString('base64')).toBe(pixels);
    }
    expect((await decodeImages(files, { size, cacheFile })).fromCache).toBe(true);
    const others = [{ width: 20, height: 20 }, processorOf({ ...clip, size: { shortest_edge: 21 } })];
    for (const other of others) {
      expect((await decodeImages(files, { size: other, cacheFile })).fromCache).toBe(false);
    }
  });

  test('a line of pixels has no shortest edge to grow, yet is no trouble', async () => {
    for (const [width, height] of [
      [16_000, 1],
      [1, 16_000],
    ] as const) {
      const line = await sharp({ create: { width, height, channels: 3, background: { r: 9, g: 90, b: 200 } } })
        .png()
        .toBuffer();
      const own = await decodeImage(line, processorOf({ ...clip, size: 224, crop_size: 224 }));
      expect(own).toHaveLength(224 * 224 * 3);
      expect([...own.subarray(0, 3), ...own.subarray(-3)]).toEqual([9, 90, 200, 9, 90, 200]);
    }
  });

  test('draws an SVG at its own size', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="96"><rect width="64" height="96" fill="teal"/></svg>';
    const own = await decodeImage(new TextEncoder().encode(svg), processorOf(clip));
    expect([...own.subarray(0, 3), own.length]).toEqual([0, 128, 128, 20 * 20 * 3]);
  });

  test.each<[string, Config, string]>([
    [
      'no processor',
      {},
      'tiny: image_processor_type: expected ViTImageProcessor, CLIPImageProcessor, SiglipImageProcessor or BitImageProcessor, got none',
    ],
    [
      'an unknown processor',
      { image_processor_type: 'BlipImageProcessor' },
      'or BitImageProcessor, got "BlipImageProcessor"',
    ],
    ['an unknown setting that is on', { ...clip, do_pad: true }, 'tiny: do_pad: expected no such setting, got true'],
    ['an unknown setting with a value', { ...clip, crop_pct: 0.875 }, 'crop_pct: expected no such setting, got 0.875'],
    [
      'a filter that is not followed',
      { ...clip, resample: 5 },
      'resample: expected 1 (lanczos), 2 (bilinear) or 3 (bicubic), got 5',
    ],
    [
      'another kind of size',
      { ...clip, size: { longest_edge: 224 } },
      'size: expected height and width, or shortest_edge',
    ],
    ['two kinds of size', { ...clip, size: { shortest_edge: 20, height: 20, width: 20 } }, 'size: expected'],
    ['a size of nothing', { ...clip, size: { shortest_edge: 0 } }, 'size: expected'],
    ['a crop without a size', { ...clip, crop_size: { height: 20 } }, 'crop_size: expected height and width'],
    [
      'images of many sizes',
      { ...clip, do_center_crop: false },
      'do_center_crop: expected true, because all images must end with one size',
    ],
    ['a flag that is no flag', { ...clip, do_resize: 'yes' }, 'do_resize: expected true or false, got "yes"'],
    ['a mean of two channels', { ...clip, image_mean: [0, 0] }, 'image_mean: expected 3 numbers, got [0,0]'],
    ['a deviation of 0', { ...clip, image_std: [1, 0, 1] }, 'image_std: expected numbers other than 0'],
    ['a scale of 0', { ...clip, rescale_factor: 0 }, 'rescale_factor: expected a number above 0, got 0'],
  ])('refuses %s', (_, config, message) => {
    expect(() => processorOf(config)).toThrow(RangeError);
    expect(() => processorOf(config)).toThrow(message);
  });

  test('refuses to guess without a file, and a fit beside it', async () => {
    expect(() => ImageProcessor.fromFiles({ name: 'a/b' })).toThrow(
      'ImageProcessor: a/b: expected a preprocessor_config.json, got none',
    );
    await expect(decodeImage(pictures[0]!, processorOf(clip), { fit: 'cover' })).rejects.toThrow(
      'decodeImage: expected no fit beside an ImageProcessor, which determines it, got cover',
    );
  });

  test('without a class, the kind of model names it', () => {
    const { image_processor_type: _, ...preprocessor } = clip;
    const files = { name: 'tiny', preprocessor };
    expect(ImageProcessor.fromFiles({ ...files, config: { model_type: 'clip' } })).toEqual(processorOf(clip));
    expect(() => ImageProcessor.fromFiles({ ...files, config: { model_type: 'blip' } })).toThrow('got none');
  });

  test('settings that are off or change nothing are accepted', () => {
    const saved = { ...clip, do_pad: null, pad_size: null, do_reduce_labels: false, data_format: 'channels_first' };
    expect(processorOf(saved)).toEqual(processorOf(clip));
  });
});
