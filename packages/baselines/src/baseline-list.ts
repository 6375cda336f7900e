import { type ItemAttributes, statisticsLayout } from '@sifaka/data';
import type { Baseline } from './baseline.js';
import { MOST_CATEGORIES } from './features.js';
import { itemMean } from './item-mean.js';
import { popularity } from './popularity.js';
import { userItemBiases } from './user-item-biases.js';

/** A part of a logistic regression. */
export type RegressionPart = 'mood' | 'item mean' | 'item counters' | 'categories' | 'liking' | 'overlap';

interface Rule {
  readonly name: string;
  /** The function that fits it, or the parts of a logistic regression. */
  readonly fit: Baseline | readonly RegressionPart[];
}

const RULES: readonly Rule[] = [
  { name: 'popularity', fit: popularity },
  { name: 'item mean', fit: itemMean },
  { name: 'user + item biases', fit: userItemBiases },
  { name: 'mood + item mean', fit: ['mood', 'item mean'] },
  { name: 'mood + item mean + categories + liking', fit: ['mood', 'item mean', 'categories', 'liking'] },
  { name: 'overlap', fit: ['overlap'] },
  { name: 'all hand-made features', fit: ['mood', 'item mean', 'categories', 'liking', 'overlap'] },
  // What a ranker with statistics reads beside ids and content. The item mean of train adds nothing to the counters.
  { name: 'all statistics', fit: ['mood', 'item counters', 'categories', 'liking', 'overlap'] },
];

/** The names of all baselines, from the simplest on. */
export const BASELINES: readonly string[] = RULES.map(({ name }) => name);

/**
 * The baselines that can be fitted, with the parts that the data have.
 *
 * A regression goes without the parts that the data lack. It is left out if none remain, or only those of an earlier
 * regression.
 */
export function rulesFor(attributes: ItemAttributes): {
  readonly rules: readonly Rule[];
  readonly warnings: readonly string[];
} {
  const blocks = new Set<string>(statisticsLayout(attributes).blocks.map(({ name }) => name));
  const has = (part: RegressionPart) =>
    part === 'item mean' || part === 'item counters' || blocks.has(part === 'categories' ? 'liking' : part);
  const rules: Rule[] = [];
  const warnings: string[] = [];
  const earlier = new Set(['']);
  for (const rule of RULES) {
    if (typeof rule.fit === 'function') {
      rules.push(rule);
      continue;
    }
    const present = rule.fit.filter(has);
    const lacking = new Set(
      rule.fit.filter((part) => !has(part)).map((part) => (part === 'overlap' ? 'words' : 'categories')),
    );
    const isNew = !earlier.has(present.join());
    if (isNew) rules.push({ ...rule, fit: present });
    earlier.add(present.join());
    if (lacking.size === 0) continue;
    const reason = `items have no ${[...lacking].join(' or ')}`;
    warnings.push(`baseline "${rule.name}" ${isNew ? 'lacks parts' : 'is left out'}: ${reason}`);
  }
  for (const { name, names } of attributes.categories) {
    if (names.length <= MOST_CATEGORIES) continue;
    warnings.push(
      `baselines: ${MOST_CATEGORIES} of ${names.length} categories in ${JSON.stringify(name)} are features`,
    );
  }
  return { rules, warnings };
}

/** What the data lack for the baselines, and which are left out for it. Empty if nothing is lacking. */
export function baselineWarnings(attributes: ItemAttributes): readonly string[] {
  return rulesFor(attributes).warnings;
}
