import path from 'node:path';
import sharp from 'sharp';

const [WIDTH, HEIGHT] = [30, 20];

/** Writes pictures with fine stripes, which every resampler shrinks in its own way, and returns their paths. */
export async function writePictures(folder: string, count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, picture) => {
      const file = path.join(folder, `${picture}.png`);
      const pixels = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => {
        const [pixel, channel] = [Math.floor(i / 3), i % 3];
        return (83 * (pixel % WIDTH) + 41 * Math.floor(pixel / WIDTH) + 60 * channel + 29 * picture) % 256;
      });
      await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .png()
        .toFile(file);
      return file;
    }),
  );
}
