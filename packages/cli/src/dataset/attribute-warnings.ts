import type { ItemAttributes, Ragged } from '@sifaka/data';

/** Names the categories, and the words, that most items do not have. Empty for data without attributes. */
export function attributeWarnings({ categories, words }: ItemAttributes): readonly string[] {
  if (categories.length === 0 && words.ids.length === 0) return []; // The warnings of the baselines say so.
  const warn = (what: string, of: Ragged) => {
    const items = of.offsets.length - 1;
    const without = of.offsets.subarray(1).filter((end, item) => end === of.offsets[item]).length;
    return without > items / 2
      ? [`${without} of ${items} items have no ${what}, which statistics and baselines read`]
      : [];
  };
  return [
    ...categories.flatMap(({ name, ofItem }) => warn(`category in ${JSON.stringify(name)}`, ofItem)),
    ...warn('words', words),
  ];
}
