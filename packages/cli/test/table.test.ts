import {
  bar,
  duration,
  figure,
  formatTable,
  headingsFor,
  METRIC_HEADINGS,
  metricCells,
  ProgressLine,
} from '@sifaka/cli';
import type { Metrics } from '@sifaka/trainer';
import { describe, expect, it } from 'vitest';

describe('formatTable', () => {
  it('aligns names left and figures right, with a rule as wide as the widest row', () => {
    const rows = [
      ['Test', 'AUC', 'log loss'],
      ['popularity', '0.5', '0.69'],
      ['LEMUR', '–', '0.12345'],
    ];
    expect(formatTable(rows)).toBe(
      [
        '  Test         AUC   log loss',
        '  ───────────────────────────',
        '  popularity   0.5       0.69',
        '  LEMUR          –    0.12345',
      ].join('\n'),
    );
  });

  it('shows a head without rows', () => {
    expect(formatTable([['a', 'bc']])).toBe('  a   bc\n  ──────');
  });
});

describe('figure', () => {
  it('rounds, and shows a dash if there is no figure', () => {
    expect(figure(0.123456)).toBe('0.1235');
    expect(figure(-2, 1)).toBe('-2.0');
    expect(figure(null)).toBe('–');
    expect(figure(Number.NaN)).toBe('–');
  });
});

describe('metricCells', () => {
  it('is the mean and the sample standard deviation over seeds, or the figure of one seed', () => {
    const metrics = (auc: number): Metrics => ({
      ...{ events: 2, auc, logLoss: 2 * auc },
      gauc: { bySamples: auc, usableGroups: 1, byVisit: { weighted: auc + 0.1, mean: auc, usableVisits: 1 } },
      qauc: { value: auc, usableGroups: 1, usableSamples: 2 },
    });
    const seeds = [0.5, 0.7].map((auc) => ({ all: metrics(auc), cold: metrics(Number.NaN) }));
    // (0.5 − 0.6)² + (0.7 − 0.6)² = 0.02, over 2 − 1 seeds.
    expect(metricCells(seeds, ['AUC', 'log loss'])).toEqual(['0.6000 ± 0.1414', '1.2000 ± 0.2828']);
    expect(metricCells(seeds.slice(0, 1), ['QAUC', 'cold AUC'])).toEqual(['0.5000', '–']);
    expect(metricCells(seeds.slice(0, 1), ['by visit', 'cold by visit'])).toEqual(['0.6000', '–']);
  });

  it('has columns by visit beside those by user, for data by visit', () => {
    expect(headingsFor({ historyAsOf: 'event' })).toEqual(METRIC_HEADINGS);
    expect(headingsFor({ historyAsOf: 'visit' }).join()).toBe(
      'AUC,GAUC,by visit,log loss,cold AUC,cold GAUC,cold by visit',
    );
    expect(headingsFor({ historyAsOf: 'visit' }, ['QAUC'])).toEqual(['QAUC']);
  });
});

describe('bar', () => {
  it('is empty at 0, full at the end, and full if there is nothing to do', () => {
    expect(bar(0, 8, 4)).toBe('[░░░░]   0 %');
    expect(bar(3, 8, 4)).toBe('[██░░]  37 %');
    expect(bar(8, 8, 4)).toBe('[████] 100 %');
    expect(bar(0, 0, 4)).toBe('[████] 100 %');
  });

  it('shows 100 % only when all is done', () => {
    expect(bar(999, 1000)).toContain(' 99 %');
  });
});

describe('duration', () => {
  it('shows minutes from one minute on', () => {
    expect([0, 0.4, 59.4, 59.6, 75, 3600].map(duration)).toEqual([
      '0 s',
      '0 s',
      '59 s',
      '1 min 0 s',
      '1 min 15 s',
      '60 min 0 s',
    ]);
    expect(duration(-1)).toBe('0 s');
  });
});

describe('ProgressLine', () => {
  it('rewrites one line of a terminal, cut to its width, and replaces it with a last text', () => {
    const written: string[] = [];
    const line = new ProgressLine({ isTTY: true, columns: 10, write: (text) => written.push(text) });
    line.update('0123456789');
    line.done('ready');
    line.done();
    expect(written).toEqual(['\r\x1b[2K  0123456', '\r\x1b[2K', '  ready\n']);
  });

  it('writes last texts as separate lines outside a terminal', () => {
    const written: string[] = [];
    new ProgressLine({ write: (text) => written.push(text) }).done('ready');
    expect(written).toEqual(['  ready\n']);
  });
});
