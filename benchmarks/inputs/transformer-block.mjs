// Weights and data of three transformer blocks, for both sides.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exportParameters, seededRandom, TransformerBlock, writeSafetensors } from '@sifaka/nn';

export const BLOCK_SIZES = {
  small: { batch: 64, tokens: 16, dim: 64, heads: 4 },
  medium: { batch: 64, tokens: 32, dim: 128, heads: 4 },
  large: { batch: 32, tokens: 128, dim: 256, heads: 8 },
};

export async function writeInputs(folder) {
  for (const [name, { batch, tokens, dim, heads }] of Object.entries(BLOCK_SIZES)) {
    const block = new TransformerBlock({ dim, heads, seed: 1 });
    const random = seededRandom(2);
    const values = () => Float32Array.from({ length: batch * tokens * dim }, () => 2 * random() - 1);
    const shape = [batch, tokens, dim];
    const file = writeSafetensors(
      new Map([
        ...exportParameters(block.parameters),
        ['data.input', { dtype: 'F32', shape, data: values() }],
        ['data.target', { dtype: 'F32', shape, data: values() }],
      ]),
    );
    await writeFile(path.join(folder, `transformer-block-${name}.safetensors`), file);
    block.dispose();
  }
}
