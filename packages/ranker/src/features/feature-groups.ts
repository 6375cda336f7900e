import { ShapeError } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Widths of the groups of features, by name. Modules concatenate the groups, or make tokens of them, in this order. */
export type FeatureGroups = Readonly<Record<string, number>>;

/** The features of a batch, by group name: `[B, width]` each. */
export type Features = Readonly<Record<string, Tensor>>;

/** @throws RangeError if there are no groups, or if a width is not positive. */
export function assertGroups(where: string, groups: FeatureGroups): void {
  const widths = Object.entries(groups);
  if (widths.length === 0) throw new RangeError(`${where}: expected at least one group, got none`);
  for (const [name, width] of widths) {
    if (!(Number.isInteger(width) && width > 0)) {
      throw new RangeError(`${where}: expected group ${name} to have a positive width, got ${width}`);
    }
  }
}

/**
 * Picks the features of these groups, in the order of the groups. Other features are ignored.
 *
 * @returns `[B, width]` each, borrowed from `features`.
 * @throws {@link ShapeError} naming the group that is missing, has the wrong width, or has another batch size than the
 * first group.
 */
export function featuresInOrder(where: string, groups: FeatureGroups, features: Features): Tensor[] {
  const names = Object.keys(groups);
  const own = (name: string) => (Object.hasOwn(features, name) ? features[name] : undefined);
  const batch = own(names[0]!)?.shape[0] ?? 'B';
  return names.map((name) => {
    const feature = own(name);
    if (feature?.shape.join() !== [batch, groups[name]].join()) {
      throw new ShapeError(`${where}: ${name}`, `[${batch}, ${groups[name]}]`, feature?.shape ?? []);
    }
    return feature;
  });
}

/** Width of all groups concatenated. */
export function totalWidth(groups: FeatureGroups): number {
  return Object.values(groups).reduce((a, b) => a + b);
}
