import type { CategoryColumn, ItemAttributes, Ragged } from '@sifaka/data';
import type { SafetensorsEntry } from '@sifaka/nn';

/** What JSON holds of {@link ItemAttributes}. The lists of ids are tensors. */
export interface SavedAttributes {
  readonly categories: readonly Omit<CategoryColumn, 'ofItem'>[];
}

export function savedAttributes({ categories }: ItemAttributes): SavedAttributes {
  return { categories: categories.map(({ ofItem: _, ...column }) => column) };
}

/** The lists of ids, by the name of their tensor. */
export function attributeTensors({ categories, words }: ItemAttributes): [string, SafetensorsEntry][] {
  return [
    ...raggedTensors('attributes.words', words),
    ...categories.flatMap(({ ofItem }, column) => raggedTensors(`attributes.categories.${column}`, ofItem)),
  ];
}

/** The attributes that were saved. */
export function readAttributes(
  { categories }: SavedAttributes,
  tensors: ReadonlyMap<string, SafetensorsEntry>,
): ItemAttributes {
  return {
    categories: categories.map((column, index) => ({
      ...column,
      ofItem: readRagged(`attributes.categories.${index}`, tensors),
    })),
    words: readRagged('attributes.words', tensors),
  };
}

/** Lists of ids as two tensors. */
export function raggedTensors(name: string, { offsets, ids }: Ragged): [string, SafetensorsEntry][] {
  const entry = (data: Int32Array): SafetensorsEntry => ({ dtype: 'I32', shape: [data.length], data });
  return [
    [`${name}.offsets`, entry(offsets)],
    [`${name}.ids`, entry(ids)],
  ];
}

/** The lists of {@link raggedTensors}. */
export function readRagged(name: string, tensors: ReadonlyMap<string, SafetensorsEntry>): Ragged {
  const array = (part: string) => tensors.get(`${name}.${part}`)!.data as Int32Array;
  return { offsets: array('offsets'), ids: array('ids') };
}
