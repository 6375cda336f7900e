import path from 'node:path';
import sharp from 'sharp';

/** Writes pictures of one colour and returns their paths: even ones are red, odd ones blue. */
export async function writePictures(folder: string, count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const file = path.join(folder, `${i}.png`);
      const background = { r: i % 2 === 0 ? 200 : 40, g: 10 * i, b: i % 2 === 0 ? 40 : 200 };
      await sharp({ create: { width: 30, height: 20, channels: 3, background } })
        .png()
        .toFile(file);
      return file;
    }),
  );
}
