import type { FeatureGroups, Features } from '@sifaka/ranker';
import { tensor2d } from '@tensorflow/tfjs-core';
import type { DrawRows } from './synthetic-task.js';

/** Rows whose label depends on one interaction of groups, and on nothing else. */
export interface HeadTask {
  readonly groups: FeatureGroups;
  readonly draw: DrawRows<Features>;
}

/** One normally distributed number (Box and Muller, 1958). */
function normalNumber(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** 1 or −1. */
export const drawSign = (random: () => number): number => (random() < 0.5 ? -1 : 1);

const groupNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `group${i}`);
const sameWidth = (count: number, width: number): FeatureGroups =>
  Object.fromEntries(groupNames(count).map((name) => [name, width]));

interface NumbersOptions {
  /** Number of groups. */
  readonly count: number;
  readonly width: number;
  /** Draws a number of a group. Default: normally distributed. */
  readonly number?: (random: () => number) => number;
}

/** `count` groups of numbers, `[rows, width]` each. */
function drawNumbers(options: NumbersOptions, random: () => number, rows: number): Float32Array[] {
  const { count, width, number = normalNumber } = options;
  return groupNames(count).map(() => Float32Array.from({ length: rows * width }, () => number(random)));
}

const toGroups = (values: readonly Float32Array[], rows: number, width: number): Features =>
  Object.fromEntries(values.map((x, i) => [`group${i}`, tensor2d(x, [rows, width])]));

/**
 * Groups of numbers. The log odds are `scale · Σ_k Π_g x_gk` over the first `factors` groups, which is a dot product if
 * there are two. The other groups are noise.
 */
export function productTask(options: NumbersOptions & { factors: number; scale: number }): HeadTask {
  const { count, width, factors, scale } = options;
  return {
    groups: sameWidth(count, width),
    draw: (random, rows) => {
      const values = drawNumbers(options, random, rows);
      const logOdds = new Float64Array(rows);
      for (let i = 0; i < rows * width; i++) {
        logOdds[Math.floor(i / width)]! += scale * values.slice(0, factors).reduce((product, x) => product * x[i]!, 1);
      }
      return { inputs: toGroups(values, rows, width), logOdds };
    },
  };
}

/** The dot product of two vectors of a row, in deviations: it is divided by the root of their width. */
function scaledDot(a: Float32Array, b: Float32Array, row: number, width: number): number {
  let dot = 0;
  for (let i = row * width; i < (row + 1) * width; i++) dot += a[i]! * b[i]!;
  return dot / Math.sqrt(width);
}

/**
 * Groups of numbers. The log odds depend on the smaller of the dot products of groups 0 and 1, and of groups 2 and 3.
 * The other groups are noise.
 */
export function smallerDotTask(options: NumbersOptions & { scale: number }): HeadTask {
  const { count, width, scale } = options;
  const middle = -1 / Math.sqrt(Math.PI); // Mean of the smaller of two standard normal numbers.
  return {
    groups: sameWidth(count, width),
    draw: (random, rows) => {
      const values = drawNumbers(options, random, rows);
      const [a, b, c, d] = values as [Float32Array, Float32Array, Float32Array, Float32Array];
      const logOdds = Array.from({ length: rows }, (_, row) => {
        return scale * (Math.min(scaledDot(a, b, row, width), scaledDot(c, d, row, width)) - middle);
      });
      return { inputs: toGroups(values, rows, width), logOdds };
    },
  };
}

/**
 * A query that names one of `pairs` pairs of groups. The groups hold signs. The log odds are the dot product of the
 * named pair, times `scale`.
 */
export function namedDotTask({ pairs, width, scale }: { pairs: number; width: number; scale: number }): HeadTask {
  const count = 2 * pairs;
  return {
    groups: { query: pairs, ...sameWidth(count, width) },
    draw: (random, rows) => {
      const values = drawNumbers({ count, width, number: drawSign }, random, rows);
      const query = new Float32Array(rows * pairs);
      const logOdds = Array.from({ length: rows }, (_, row) => {
        const named = Math.floor(random() * pairs);
        query[row * pairs + named] = 1;
        return scale * scaledDot(values[2 * named]!, values[2 * named + 1]!, row, width);
      });
      return { inputs: { query: tensor2d(query, [rows, pairs]), ...toGroups(values, rows, width) }, logOdds };
    },
  };
}

/**
 * A query with a category, and groups with a category and a normally distributed value. The log odds are the values'
 * mean, weighted by `softmax_g(4 · [category of g = category of the query])`: the query attends to the groups of its
 * category.
 */
export function attentionTask({
  count,
  categories,
  scale,
}: {
  count: number;
  categories: number;
  scale: number;
}): HeadTask {
  const width = categories + 1; // one-hot, then the value
  return {
    groups: { query: categories, ...sameWidth(count, width) },
    draw: (random, rows) => {
      const category = () => Math.floor(random() * categories);
      const query = new Float32Array(rows * categories);
      const items = groupNames(count).map(() => new Float32Array(rows * width));
      const logOdds = Array.from({ length: rows }, (_, row) => {
        const wanted = category();
        query[row * categories + wanted] = 1;
        let [total, weights] = [0, 0];
        for (const item of items) {
          const [found, value] = [category(), normalNumber(random)];
          item[row * width + found] = 1;
          item[row * width + categories] = value;
          const weight = found === wanted ? Math.exp(4) : 1;
          total += weight * value;
          weights += weight;
        }
        return (scale * total) / weights;
      });
      return { inputs: { query: tensor2d(query, [rows, categories]), ...toGroups(items, rows, width) }, logOdds };
    },
  };
}
