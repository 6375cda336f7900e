/** RGB bytes `[height, width, 3]`, the same as of `image` in tools/golden/encoders/published_processors.py. */
export function generatedImage(kind: string, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(height * width * 3);
  let state = 7;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const noise = (state >> 16) & 255;
    const channel = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    if (kind === 'noise') pixels[i] = noise;
    else if (kind === 'edges') pixels[i] = ((((x >> 2) + (y >> 1) * (channel + 1)) % 3) % 2) * 255;
    else {
      const smooth = Math.floor((x * 200) / width) + Math.floor((y * 40) / height) + channel * 5;
      pixels[i] = Math.min(255, smooth + (noise >> 4));
    }
  }
  return pixels;
}
