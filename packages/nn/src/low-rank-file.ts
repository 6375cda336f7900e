import type { NamedParameters } from './module.js';
import { exportParameters } from './parameter-values.js';
import { quoted } from './quoted.js';
import { readSafetensors, type SafetensorsEntry, writeSafetensors } from './safetensors.js';
import { ShapeError } from './shape-error.js';

const FORMAT = '@sifaka/nn low-rank factors 1';

/** What a file must fit. */
export interface LowRankFactors {
  readonly parameters: NamedParameters;
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly string[];
}

/** A safetensors file of the factors alone. Its metadata has the format, the rank, `α`, and the targets as JSON. */
export function writeLowRankFile(factors: LowRankFactors): Uint8Array {
  return writeSafetensors(exportParameters(factors.parameters), metadataOf(factors));
}

/**
 * Reads a file of {@link writeLowRankFile}.
 *
 * @returns one entry per parameter, of its shape.
 * @throws Error or ShapeError naming what differs if the file is of another model.
 */
export function readLowRankFile(bytes: Uint8Array, factors: LowRankFactors): ReadonlyMap<string, SafetensorsEntry> {
  const { tensors, metadata } = readSafetensors(bytes);
  for (const name of ['format', 'rank', 'alpha'] as const) {
    const expected = metadataOf(factors)[name];
    const got = Object.hasOwn(metadata, name) ? quoted(metadata[name]) : 'none';
    if (got !== expected) throw new Error(`LowRankAdapter.load: expected ${name} ${expected}, got ${got}`);
  }
  const missing = [...factors.parameters.keys()].filter((path) => !tensors.has(path));
  const surplus = [...tensors.keys()].filter((path) => !factors.parameters.has(path));
  if (missing.length + surplus.length > 0) {
    const lacks = missing.length > 0 ? ` without ${quoted(missing.join(', '))}` : '';
    const has = surplus.length > 0 ? ` with ${quoted(surplus.join(', '))} besides` : '';
    throw new Error(`LowRankAdapter.load: expected the factors of this module, got a file${lacks}${has}`);
  }
  for (const [path, { shape }] of factors.parameters) {
    const entry = tensors.get(path)!;
    if (entry.shape.join() === shape.join()) continue;
    throw new ShapeError(`LowRankAdapter.load: ${path}`, `[${shape.join(', ')}]`, entry.shape);
  }
  return tensors;
}

function metadataOf({ rank, alpha, targets }: LowRankFactors) {
  return { format: FORMAT, rank: String(rank), alpha: String(alpha), targets: JSON.stringify(targets) };
}
