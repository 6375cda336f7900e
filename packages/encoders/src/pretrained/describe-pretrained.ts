import { licenceNote } from './licence.js';
import type { PretrainedFiles } from './pretrained-files.js';

/**
 * One line about a checkpoint, for logs and reports: `owner/name@main: bert, 22,713,216 weights in 101 tensors (F32),
 * licence apache-2.0`. A licence that is missing, or not known to allow every use, is said so.
 */
export function describePretrained({ name, config, licence, weights }: PretrainedFiles): string {
  const type = typeof config['model_type'] === 'string' ? config['model_type'] : 'unknown architecture';
  const entries = [...weights.entries.values()];
  // Not ids, such as BERT's positions.
  const floats = entries.filter(({ dtype }) => /^B?F/.test(dtype));
  const count = floats.reduce((sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1), 0);
  const dtypes = [...new Set(entries.map(({ dtype }) => dtype))].sort().join(', ');
  const size = `${count.toLocaleString('en-US')} weights in ${entries.length} tensors (${dtypes})`;
  return `${name}: ${type}, ${size}, ${licenceNote(licence)}`;
}
