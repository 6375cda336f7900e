import { type ControlKind, controlCatalogue } from '@sifaka/trainer';
import type { Dataset } from './dataset.js';
import { shortHash } from './fingerprint.js';

/**
 * The same events and parts with the contents of a control: every item has another item's content, or all have one and
 * the same. See `controlCatalogue` of @sifaka/trainer. The report names the control, and its fingerprint is another one.
 *
 * @throws RangeError if the contents are those of a control already, or cannot be permuted.
 */
export function withControl(data: Dataset, kind: ControlKind, seed: number): Dataset {
  const { control, fingerprint } = data.report;
  if (control !== undefined) {
    throw new RangeError(`withControl: expected the real contents, got those of the control ${control.kind}`);
  }
  return {
    ...data,
    catalogue: controlCatalogue(data.catalogue, kind, seed),
    report: { ...data.report, control: { kind, seed }, fingerprint: shortHash(`${fingerprint} ${kind} ${seed}`) },
  };
}
