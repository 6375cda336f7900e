import { keep, type Tensor, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { presentFeatures } from '../data/present-features.js';
import type { ItemFeatures } from '../data/retrieval-data.js';

/** The frozen features of all items on the device, by modality. Dispose them to free the memory. */
export class FeatureTensors {
  /** `[items, width]` each. */
  readonly byModality: ReadonlyMap<string, Tensor2D>;
  /** `[items, 1]`: 1 for an item that has the modality, else 0. Only of modalities that some item lacks. */
  readonly masks: ReadonlyMap<string, Tensor>;

  constructor(features: Readonly<Record<string, ItemFeatures>>) {
    this.byModality = new Map(
      Object.entries(features).map(([name, { dim, values }]) => [
        name,
        keep(tensor2d(values, [values.length / dim, dim])),
      ]),
    );
    const present = Object.entries(features).map(([name, each]) => [name, presentFeatures(each)] as const);
    const lacking = present.filter(([, flags]) => flags.includes(0));
    this.masks = new Map(lacking.map(([name, flags]) => [name, keep(tensor2d(flags, [flags.length, 1]))]));
  }

  dispose(): void {
    for (const tensor of [...this.byModality.values(), ...this.masks.values()]) {
      if (!tensor.isDisposed) tensor.dispose();
    }
  }
}

/**
 * @param model that reads the features, if `where` does not tell
 * @throws RangeError if there are no features.
 */
export function assertFeatures(where: string, features: Readonly<Record<string, ItemFeatures>>, model?: string): void {
  if (Object.keys(features).length > 0) return;
  const purpose = model === undefined ? '' : ` for ${model}`;
  throw new RangeError(`${where}: expected features of at least one modality${purpose}, got none`);
}
