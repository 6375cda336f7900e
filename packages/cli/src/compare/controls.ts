import { CONTROL_KINDS, type ControlKind, type RankerOptions } from '@sifaka/trainer';
import type { Dataset } from '../dataset/dataset.js';
import { withControl } from '../dataset/with-control.js';

/** A model of a comparison. */
export interface ComparedModel {
  readonly name: string;
  /** Which contents it is trained and tested on. Default: the real ones. */
  readonly control?: ControlKind;
}

/** Lines for a reader of a table with controls of these kinds. */
export function explainControls(kinds: readonly (ControlKind | undefined)[]): string {
  return CONTROL_KINDS.filter((kind) => kinds.includes(kind))
    .map((kind) => EXPLAINED[kind])
    .join('\n');
}

const EXPLAINED: Readonly<Record<ControlKind, string>> = {
  permuted: [
    '  Permuted: the same model, with every item’s contents and categories replaced by those of another item.',
    '  Real − permuted is what the contents bring.',
  ].join('\n'),
  blank: [
    '  Blank: without any contents and categories. There a model that reads contents and one of ids alone know the',
    '  same, so their difference is noise.',
  ].join('\n'),
};

/**
 * Adds controls at the end: permuted contents for every model that reads contents, and blank ones for some models. What
 * the contents bring is *real − permuted*. On blank contents a model that reads them and ids alone know the same.
 *
 * @param blank names of the models that are also trained on blank contents
 */
export function withControls<Model extends ComparedModel>(
  models: readonly Model[],
  { readsContent, blank }: { readonly readsContent: (model: Model) => boolean; readonly blank: readonly string[] },
): Model[] {
  const controls = models.flatMap((model) => {
    const kinds: ControlKind[] = readsContent(model) ? ['permuted'] : [];
    if (blank.includes(model.name)) kinds.push('blank');
    return kinds.map((control) => ({ ...model, name: controlName(model.name, control), control }));
  });
  return [...models, ...controls];
}

/**
 * Names of the models to train on blank contents: one that reads contents, and one of ids alone, if its statistics come
 * from categories and words too.
 */
export function blankModels<Model extends ComparedModel>(
  models: readonly Model[],
  optionsOf: (model: Model) => RankerOptions,
): string[] {
  const content = models.find((model) => optionsOf(model).content !== undefined);
  const ids = models.find((model) => optionsOf(model).content === undefined);
  const readsStatistics = ids !== undefined && optionsOf(ids).statistics !== undefined;
  return content === undefined ? [] : [content.name, ...(readsStatistics ? [ids.name] : [])];
}

/** `LEMUR (permuted)` */
export function controlName(name: string, control: ControlKind): string {
  return `${name} (${control})`;
}

/** The data that a model is trained on at a seed, which is also the seed of its permutation. */
export function dataOf({ control }: ComparedModel, data: Dataset, seed: number): Dataset {
  return control === undefined ? data : withControl(data, control, seed);
}
