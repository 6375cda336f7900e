import type Sharp from 'sharp';
import type { SharpOptions } from 'sharp';
import type { ImageFormat } from './image-format.js';
import type { ImageSize } from './image-size.js';

// Mid-grey keeps both black and white drawings on a transparent background visible. ImageEncoder scales it to about 0.
const BACKGROUND = { r: 128, g: 128, b: 128 };

/** How sharp turns a file into pixels, as data that another process can take. */
export interface SharpSteps {
  readonly input: SharpOptions;
  /** Methods of an image, called one after the other, with an argument each. */
  readonly methods: readonly (readonly [name: 'flatten' | 'resize' | 'toColourspace' | 'raw', argument: unknown])[];
}

/** Without a size of their own, images keep theirs: a published processor resizes them afterwards. */
export function sharpSteps({ size, fit, maxPixels, plan }: ImageFormat): SharpSteps {
  const resize = ['resize', { width: size.width, height: size.height, fit }] as const;
  return {
    // 'error' refuses truncated images but ignores harmless warnings, which sharp's default would refuse too.
    input: { failOn: 'error', limitInputPixels: maxPixels, autoOrient: true },
    methods: [
      ['flatten', { background: BACKGROUND }],
      ...(plan === undefined ? [resize] : []),
      ['toColourspace', 'srgb'],
      ['raw', undefined],
    ],
  };
}

/** A decoded image. */
export interface RawImage extends ImageSize {
  /** `[height, width, 3]` */
  readonly pixels: Uint8Array;
}

/** Takes the steps in this process. */
export async function takeSteps(sharp: typeof Sharp, bytes: Uint8Array, steps: SharpSteps): Promise<RawImage> {
  let image = sharp(bytes, steps.input);
  for (const [name, argument] of steps.methods) image = image[name](argument as never);
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { pixels, width: info.width, height: info.height };
}
