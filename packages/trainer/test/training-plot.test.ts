import { trainingPlot, type ValidationPoint } from '@sifaka/trainer';
import { describe, expect, test } from 'vitest';

const point = (step: number, figures: Partial<ValidationPoint>): ValidationPoint => ({
  ...{ step, auc: 0.6, gauc: 0.55, gaucByVisit: Number.NaN, logLoss: 0.6, coldAuc: null, coldGauc: null },
  ...{ stalenessCosine: null, coverage: null, bank: null },
  ...figures,
});
const VALIDATIONS = [
  point(10, { coldAuc: 0.51 }),
  point(20, { auc: 0.7, gaucByVisit: 0.65, coldAuc: 0.52, coldGauc: 0.53 }),
  point(30, { auc: 0.69, gaucByVisit: 0.64, coldAuc: 0.5 }),
];
const LOSSES = [10, 20, 30].map((step) => ({ step, ranking: 1 / step, contrast: null }));

describe('trainingPlot', () => {
  test('has the learning curve: AUC and GAUC, on all events and on cold items, with the last figure of each', () => {
    const plot = trainingPlot({
      title: 'a <run>',
      losses: LOSSES,
      validations: VALIDATIONS,
      references: { ids: 0.62 },
    });
    expect(plot).toContain('a &lt;run&gt;');
    for (const title of ['Training loss (binary cross-entropy)', 'Validation AUC', 'Validation GAUC']) {
      expect(plot).toContain(`>${title}<`);
    }
    for (const label of [
      'all events 0.690',
      'cold items 0.500',
      'by user 0.550',
      'by visit 0.640',
      'cold by user 0.530',
    ]) {
      expect(plot).toContain(`>${label}<`);
    }
    expect(plot).toContain('>ids 0.620<');
    // Points that do not exist are left out: 3 AUCs, 3 of cold items, 3 GAUCs, 2 by visit, 1 of cold items.
    expect(plot.match(/<circle /g)).toHaveLength(12);
    expect(plot).not.toContain('NaN');
    expect(plot).not.toContain('best step');
  });

  test('marks the best step under both curves, at its place', () => {
    const plot = trainingPlot({ title: '', losses: LOSSES, validations: VALIDATIONS, bestStep: 20 });
    expect(plot.match(/>best step 20</g)).toHaveLength(2);
    const [line] = plot.match(/<line x1="[\d.]+" x2="[\d.]+" y1="\d+" y2="\d+" stroke="#aaa"\/>/)!;
    const x = Number(/x1="([\d.]+)"/.exec(line)![1]);
    const circles = [...plot.matchAll(/<circle cx="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(circles[1]).toBeCloseTo(x, 10); // The second point of the first curve is at step 20.
  });

  test('of a run without a validation is still a document', () => {
    const plot = trainingPlot({ title: 'new', losses: [], validations: [] });
    expect(plot).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(plot).not.toContain('NaN');
  });
});
