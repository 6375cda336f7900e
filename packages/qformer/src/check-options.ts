import { assertNumber, assertSeed, assertWhole } from '@sifaka/nn';
import type { FusionQFormerOptions } from './fusion-qformer.js';

/** @throws RangeError naming the option that is out of range. */
export function checkOptions(options: Required<FusionQFormerOptions>): void {
  const { modalities, dim, numQueries, depth, heads, outputDim, dropout, seed } = options;
  if (modalities.length === 0) refuse('at least one modality', 'none');
  const repeated = modalities.find((name, i) => modalities.indexOf(name) !== i);
  if (repeated !== undefined) refuse('every modality once', `${repeated} twice`);
  assertWhole('FusionQFormer', { dim, numQueries, depth, heads, outputDim });
  if (dim % heads !== 0) refuse(`heads to divide dim ${dim}`, heads);
  assertNumber('FusionQFormer', { dropout }, { below: 1 });
  assertSeed('FusionQFormer', seed);
}

function refuse(expected: string, got: unknown): never {
  throw new RangeError(`FusionQFormer: expected ${expected}, got ${got}`);
}
