// Files and texts to bytes and token ids, by @sifaka/encoders. Parts: `decode` (images), `tokenise` (texts), `both`.
// Images: `baseline` or `progressive` JPEGs.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeImages, TextTokenizer } from '@sifaka/encoders/node';

const MAX_LENGTH = 16;

export function setUp({ folder, part, images, size: [width, height] }) {
  const { files, texts } = JSON.parse(readFileSync(path.join(folder, 'input-path.json'), 'utf8'));
  const tokenizer = TextTokenizer.fromJSON(readFileSync(path.join(folder, 'tokenizer.json'), 'utf8'));
  const decode = () => decodeImages(files[images], { size: { width, height } });
  const tokenise = () => tokenizer.encodeBatch(texts, { maxLength: MAX_LENGTH });
  const run = { decode, tokenise, both: () => Promise.all([decode(), tokenise()]) }[part];
  return {
    run,
    check: async () => {
      const { pixels, counts } = await decode();
      const { ids, lengths } = await tokenise();
      const sum = (values) => values.reduce((total, value) => total + value, 0);
      return { images: counts.ok, meanPixel: sum(pixels) / pixels.length, tokens: sum(lengths), idSum: sum(ids) };
    },
  };
}
