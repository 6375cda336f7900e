import type Sharp from 'sharp';
import type { SharpOptions } from 'sharp';
import type { ImageFormat } from './image-format.js';

// Mid-grey keeps both black and white drawings on a transparent background visible. ImageEncoder scales it to about 0.
const BACKGROUND = { r: 128, g: 128, b: 128 };

/** How sharp turns a file into pixels, as data that another process can take. */
export interface SharpSteps {
  readonly input: SharpOptions;
  /** Methods of an image, called one after the other, with an argument each. */
  readonly methods: readonly (readonly [name: 'flatten' | 'resize' | 'toColourspace' | 'raw', argument: unknown])[];
}

export function sharpSteps({ size, fit, maxPixels }: ImageFormat): SharpSteps {
  return {
    // 'error' refuses truncated images but ignores harmless warnings, which sharp's default would refuse too.
    input: { failOn: 'error', limitInputPixels: maxPixels, autoOrient: true },
    methods: [
      ['flatten', { background: BACKGROUND }],
      ['resize', { width: size.width, height: size.height, fit }],
      ['toColourspace', 'srgb'],
      ['raw', undefined],
    ],
  };
}

/** Takes the steps in this process. @returns the bytes of the pixels */
export async function takeSteps(sharp: typeof Sharp, bytes: Uint8Array, steps: SharpSteps): Promise<Uint8Array> {
  let image = sharp(bytes, steps.input);
  for (const [name, argument] of steps.methods) image = image[name](argument as never);
  const pixels = await image.toBuffer();
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
}
