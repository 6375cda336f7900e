import type { FusionQFormerOptions } from './fusion-qformer.js';

/** @throws RangeError naming the option that is out of range. */
export function checkOptions(options: Required<FusionQFormerOptions>): void {
  const { modalities, dim, numQueries, depth, heads, outputDim, dropout, seed } = options;
  if (modalities.length === 0) refuse('at least one modality', 'none');
  const repeated = modalities.find((name, i) => modalities.indexOf(name) !== i);
  if (repeated !== undefined) refuse('every modality once', `${repeated} twice`);
  for (const [name, value] of Object.entries({ dim, numQueries, depth, heads, outputDim })) {
    if (!(Number.isSafeInteger(value) && value > 0)) refuse(`${name} to be a whole number from 1`, value);
  }
  if (dim % heads !== 0) refuse(`heads to divide dim ${dim}`, heads);
  if (!(dropout >= 0 && dropout < 1)) refuse('dropout to be a number from 0 and below 1', dropout);
  if (!Number.isSafeInteger(seed)) refuse('seed to be a whole number', seed);
}

function refuse(expected: string, got: unknown): never {
  throw new RangeError(`FusionQFormer: expected ${expected}, got ${got}`);
}
