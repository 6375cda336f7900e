import type { OnlineOptions } from './online-options.js';

type OnlineNumbers = Pick<OnlineOptions, 'rate' | 'maxItems' | 'metricsEvery' | 'firstStep' | 'maxSkippedSteps'>;

/** @throws RangeError naming the first impossible setting. */
export function checkOnlineSettings(settings: OnlineNumbers): void {
  const { rate = 1, maxItems = 1, metricsEvery = 1, firstStep = 0, maxSkippedSteps = 1 } = settings;
  const fail = (name: string, expected: string, got: number) => {
    throw new RangeError(`OnlineTrainer: expected ${name} to be ${expected}, got ${got}`);
  };
  if (!(Number.isFinite(rate) && rate >= 0)) fail('rate', 'a number from 0', rate);
  if (!(isWhole(maxItems) || maxItems === Number.POSITIVE_INFINITY))
    fail('maxItems', 'a whole number from 0', maxItems);
  if (!(isWhole(metricsEvery) && metricsEvery > 0)) fail('metricsEvery', 'a whole number from 1', metricsEvery);
  if (!(isWhole(maxSkippedSteps) && maxSkippedSteps > 0)) {
    fail('maxSkippedSteps', 'a whole number from 1', maxSkippedSteps);
  }
  if (!isWhole(firstStep)) fail('firstStep', 'a whole number from 0', firstStep);
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
