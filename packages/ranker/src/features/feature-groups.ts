import { ShapeError } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Groups of features: name → width. Their order matters: features are concatenated, or become tokens, in it. */
export type FeatureGroups = Readonly<Record<string, number>>;

/** The features of a batch by group name, `[B, width]` each. */
export type Features = Readonly<Record<string, Tensor>>;

/** @throws RangeError if there is no group, or one without a width. */
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
 * The features in the order of their groups, each `[B, width]`.
 *
 * @throws {@link ShapeError} naming the group if it is missing, has another width, or another batch than the first.
 */
export function featuresInOrder(where: string, groups: FeatureGroups, features: Features): Tensor[] {
  const names = Object.keys(groups);
  const batch = features[names[0]!]?.shape[0] ?? 'B';
  return names.map((name) => {
    const feature = features[name];
    if (feature?.shape.join() !== [batch, groups[name]].join()) {
      throw new ShapeError(`${where}: ${name}`, `[${batch}, ${groups[name]}]`, feature?.shape ?? []);
    }
    return feature;
  });
}

/** Sum of the widths of all groups. */
export function totalWidth(groups: FeatureGroups): number {
  return Object.values(groups).reduce((a, b) => a + b);
}
