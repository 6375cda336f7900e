import { gatherStatistics, rearrangeAttributes } from '@sifaka/data';
import { type ControlKind, contentPermutation, controlCatalogue } from '@sifaka/trainer';
import type { Dataset } from './dataset.js';
import { shortHash } from './fingerprint.js';

/**
 * The same events and parts with the contents of a control: every item has another item's content and attributes, or
 * all have the same picture, no text and no attributes. See `controlCatalogue` of @sifaka/trainer. The report names the
 * control and has another fingerprint.
 *
 * @throws RangeError if the contents are those of a control already, or cannot be permuted.
 */
export function withControl(data: Dataset, kind: ControlKind, seed: number): Dataset {
  const { control, fingerprint } = data.report;
  if (control !== undefined) {
    throw new RangeError(`withControl: expected the real contents, got those of the control ${control.kind}`);
  }
  const { samples } = data;
  const from =
    kind === 'permuted' ? contentPermutation(samples.numItems, seed) : new Int32Array(samples.numItems).fill(-1);
  const attributes = rearrangeAttributes(data.attributes, from);
  return {
    ...data,
    attributes,
    statistics: gatherStatistics(samples, attributes),
    catalogue: controlCatalogue(data.catalogue, kind, seed),
    report: { ...data.report, control: { kind, seed }, fingerprint: shortHash(`${fingerprint} ${kind} ${seed}`) },
  };
}
