import { calibration } from '@sifaka/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './golden.js';

describe('calibration', () => {
  it('has the bins of scikit-learn', () => {
    const filled = calibration(golden.probabilities, golden.labels).bins.filter(({ count }) => count > 0);
    expect(filled.map((bin) => bin.observed)).toBeAllClose(golden.calibration.observed, { atol: 1e-12 });
    expect(filled.map((bin) => bin.predicted)).toBeAllClose(golden.calibration.predicted, { atol: 1e-12 });
  });

  it('is the weighted gap between observed and predicted', () => {
    const { bins, expectedCalibrationError } = calibration(golden.probabilities, golden.labels, { bins: 7 });
    const gaps = bins.map((bin) => (bin.count === 0 ? 0 : bin.count * Math.abs(bin.observed - bin.predicted)));
    const sum = gaps.reduce((total, gap) => total + gap, 0);
    expect(expectedCalibrationError).toBeCloseTo(sum / golden.labels.length, 12);
    expect(bins.reduce((total, { count }) => total + count, 0)).toBe(golden.labels.length);
  });

  it('is 0 for calibrated probabilities', () => {
    const result = calibration([0.25, 0.25, 0.25, 0.25, 1, 0], [1, 0, 0, 0, 1, 0]);
    expect(result.expectedCalibrationError).toBe(0);
    expect(result.predictedToObserved).toBe(1);
  });

  it('reports by how much a model overestimates', () => {
    expect(calibration([0.6, 0.6, 0.4, 0.4], [1, 0, 0, 0]).predictedToObserved).toBe(2);
    expect(calibration([0.6], [0]).predictedToObserved).toBe(Infinity);
  });

  it.each([3, 7, 10, 20, 49])('puts each edge of %i bins into the right bin', (bins) => {
    for (let edge = 0; edge <= bins; edge++) {
      const filled = calibration([edge / bins], [0], { bins }).bins.findIndex(({ count }) => count === 1);
      expect(filled).toBe(Math.max(0, edge - 1));
    }
  });

  it('puts the next number above each edge into the next bin', () => {
    for (let bins = 2; bins <= 50; bins++) {
      for (let edge = 1; edge < bins; edge++) {
        const above = nextAbove(edge / bins);
        expect(calibration([above], [0], { bins }).bins.findIndex(({ count }) => count === 1)).toBe(edge);
      }
    }
  });
});

function nextAbove(value: number): number {
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
}
