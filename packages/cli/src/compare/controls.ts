import type { ControlKind } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { withControl } from '../dataset/with-control.js';

/** A model of a comparison. */
export interface ComparedModel {
  readonly name: string;
  /** Which contents it is trained and tested on. Default: the real ones. */
  readonly control?: ControlKind;
}

/** Lines for a reader of a table with controls. */
export const CONTROLS_EXPLAINED: string = [
  '  Permuted: the same model, every item with another item’s content. Real − permuted is what the contents bring.',
  '  Blank: no content at all. Blank − ids alone is noise if both know the same beside the contents.',
].join('\n');

/**
 * Adds controls at the end: permuted contents for every model that reads contents, and blank ones for one model. What
 * the contents bring is *real − permuted*. Blank against ids alone shows that the rest of a model is equal.
 *
 * @param blank name of the model that is also trained on blank contents
 */
export function withControls<Model extends ComparedModel>(
  models: readonly Model[],
  { readsContent, blank }: { readonly readsContent: (model: Model) => boolean; readonly blank: string | undefined },
): Model[] {
  const controls = models.filter(readsContent).flatMap((model) => {
    const kinds: ControlKind[] = model.name === blank ? ['permuted', 'blank'] : ['permuted'];
    return kinds.map((control) => ({ ...model, name: controlName(model.name, control), control }));
  });
  return [...models, ...controls];
}

/** `LEMUR (permuted)` */
export function controlName(name: string, control: ControlKind): string {
  return `${name} (${control})`;
}

/** The data that a model is trained on at a seed, which is also the seed of its permutation. */
export function dataOf({ control }: ComparedModel, data: Dataset, seed: number): Dataset {
  return control === undefined ? data : withControl(data, control, seed);
}
