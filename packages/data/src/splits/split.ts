import type { Samples } from '../samples/samples.js';

/** The samples of each part, as ascending positions. Every sample is in exactly one part. */
export interface Split {
  readonly kind: 'globalTime' | 'userTime' | 'leaveLastOut';
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  readonly leakage: Leakage;
  /** Warnings to report with any metric measured on this split. */
  readonly warnings: readonly string[];
}

/** How much a split trains on the future. All 0 for a split by global time. */
export interface Leakage {
  /** Share of train events later than the earliest test event. */
  readonly trainAfterFirstTest: number;
  /** Share of train events later than the earliest validation event. */
  readonly trainAfterFirstValidation: number;
  /** Share of test events whose item has a later event in train. */
  readonly testItemsTrainedLater: number;
}

/** The parts in time order. */
export const PARTS = ['train', 'validation', 'test'] as const;

export type Part = (typeof PARTS)[number];

/** Assigns every sample to a part and measures the leakage. */
export function makeSplit(
  samples: Samples,
  kind: Split['kind'],
  partOf: (sample: number) => Part,
  warn: (leakage: Leakage) => readonly string[],
): Split {
  const parts: Record<Part, number[]> = { train: [], validation: [], test: [] };
  for (let sample = 0; sample < samples.length; sample++) parts[partOf(sample)].push(sample);
  const leakage = measureLeakage(samples, parts);
  return {
    kind,
    train: Int32Array.from(parts.train),
    validation: Int32Array.from(parts.validation),
    test: Int32Array.from(parts.test),
    leakage,
    warnings: [
      ...warn(leakage),
      ...warnOfLabels(samples, parts),
      ...warnOfMoments(samples, parts),
      ...warnOfVisits(samples),
    ],
  };
}

/** Number of liked and of disliked samples of a part. */
export function countLabels(
  { labels }: Samples,
  part: ArrayLike<number>,
): { readonly liked: number; readonly disliked: number } {
  let liked = 0;
  for (let i = 0; i < part.length; i++) if (labels[part[i]!] === 1) liked++;
  return { liked, disliked: part.length - liked };
}

/** AUC needs samples of both kinds in a part. */
function warnOfLabels(samples: Samples, parts: Readonly<Record<Part, readonly number[]>>): string[] {
  return (['train', 'validation', 'test'] as const).flatMap((part) => {
    const { liked, disliked } = countLabels(samples, parts[part]);
    if (liked + disliked === 0) return [`the ${part} part is empty`];
    if (liked > 0 && disliked > 0) return [];
    return [`the ${part} part has ${liked} liked and ${disliked} disliked samples, so its AUC is not a number`];
  });
}

/** A part may be empty because the last events are of one time. */
function warnOfMoments({ length, timestamps, historyAsOf }: Samples, parts: Readonly<Record<Part, readonly number[]>>) {
  if (length < 2 || PARTS.every((part) => parts[part].length > 0)) return [];
  const last = timestamps[length - 1]!;
  const together = length - timestamps.indexOf(last);
  if (together === 1) return [];
  const moment = historyAsOf === 'visit' ? 'of visits that began at one time' : 'of one time';
  const which = together === length ? `all ${length}` : `the last ${together} of ${length}`;
  return [`${which} events are ${moment}, and a split by time keeps them together`];
}

/** Without a second visit there is no history. */
function warnOfVisits({ historyAsOf, sessions, users }: Samples): string[] {
  if (historyAsOf === 'event' || sessions.length === 0) return [];
  const visits = new Set(sessions).size;
  if (visits > new Set(users).size) return [];
  return [
    "every user has one visit, so all histories are empty: are the times right, or is historyAsOf 'event' meant?",
  ];
}

/** @throws RangeError unless every fraction is in [0, 1) and their sum is at most 1. */
export function assertFractions(where: string, fractions: Readonly<Record<string, number>>): void {
  const values = Object.values(fractions);
  if (values.every((value) => value >= 0 && value < 1) && values.reduce((sum, value) => sum + value, 0) <= 1) return;
  const got = Object.entries(fractions).map(([name, value]) => `${name} ${value}`);
  throw new RangeError(`${where}: expected fractions in [0, 1) that sum to at most 1, got ${got.join(', ')}`);
}

/** `floor(fraction · count)`, robust to rounding: 0.7 + 0.2 is slightly less than 0.9. */
export function portion(fraction: number, count: number): number {
  return Math.floor(fraction * count + 1e-9);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function measureLeakage(samples: Samples, { train, validation, test }: Readonly<Record<Part, number[]>>): Leakage {
  const { timestamps, items } = samples;
  const lastTrained = new Float64Array(samples.numItems).fill(Number.NEGATIVE_INFINITY);
  for (const sample of train) lastTrained[items[sample]!] = timestamps[sample]!;
  const after = (first: number | undefined) =>
    share(train, (sample) => first !== undefined && timestamps[sample]! > timestamps[first]!);
  return {
    trainAfterFirstTest: after(test[0]),
    trainAfterFirstValidation: after(validation[0]),
    testItemsTrainedLater: share(test, (sample) => lastTrained[items[sample]!]! > timestamps[sample]!),
  };
}

function share(part: readonly number[], holds: (sample: number) => boolean): number {
  return part.length === 0 ? 0 : part.filter(holds).length / part.length;
}
