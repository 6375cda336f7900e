import { type Dataset, UsageError } from '@sifaka/cli';
import type { HistoryAsOf } from '@sifaka/data';
import { EM3_ROW_NAMES, HELP, RANKING_MODELS, readArguments, trainingLength } from '@sifaka/demo';
import { describe, expect, it } from 'vitest';

describe('readArguments', () => {
  it('starts on the embedded data without arguments', () => {
    expect(readArguments([])).toEqual({
      command: 'start',
      data: undefined,
      presets: ['lemur'],
      models: undefined,
      rows: undefined,
      seeds: [1],
      steps: undefined,
      epochs: undefined,
      patience: undefined,
      selectBy: undefined,
      batchSize: 256,
      task: 'liked',
      negatives: 'ever',
      historyAsOf: undefined,
      split: 'globalTime',
      query: 'likedTitles',
      sampling: undefined,
      encoders: {},
      documentLength: undefined,
      control: undefined,
      controls: true,
      engine: undefined,
      output: undefined,
      resume: false,
    });
  });

  it('reads every option, and lists for compare', () => {
    const argv = ['compare', '--data', 'a b', '--preset', 'lemur, idOnly', '--seed=4,5', '--steps', '9'];
    const more = [
      '--batch-size',
      '7',
      '--split',
      'userTime',
      '--task',
      'watched',
      '--negatives',
      'soFar',
      '--history-as-of',
      'event',
      '--engine',
      'cpu',
      '--output',
      'out',
      '--resume',
      '--query',
      'samples',
      '--sampling',
      '20',
      '--no-controls',
      '--patience',
      '3',
      '--select-by',
      'gaucByVisit',
      '--text-encoder',
      'owner/name',
      '--train-text',
      'top:2',
      '--train-image',
      'frozen',
      '--document-length',
      '64',
    ];
    expect(readArguments([...argv, ...more])).toEqual({
      command: 'compare',
      data: 'a b',
      presets: ['lemur', 'idOnly'],
      models: undefined,
      rows: undefined,
      seeds: [4, 5],
      steps: 9,
      epochs: undefined,
      patience: 3,
      selectBy: 'gaucByVisit',
      batchSize: 7,
      task: 'watched',
      negatives: 'soFar',
      historyAsOf: 'event',
      split: 'userTime',
      query: 'samples',
      sampling: 0.2,
      encoders: {
        image: { train: { kind: 'frozen' } },
        text: { encoder: 'owner/name', train: { kind: 'top', blocks: 2 } },
      },
      documentLength: 64,
      control: undefined,
      controls: false,
      engine: 'cpu',
      output: 'out',
      resume: true,
    });
  });

  it('compares LEMUR, its control and ids alone at three seeds by default', () => {
    expect(readArguments(['compare'])).toMatchObject({ presets: ['lemur', 'twoStage', 'idOnly'], seeds: [1, 2, 3] });
  });

  it('reads epochs, and the figure that chooses the weights', () => {
    expect(readArguments(['train', '--epochs', '3'])).toMatchObject({ epochs: 3, steps: undefined });
    expect(readArguments(['ablate', '--select-by', 'auc'])).toMatchObject({ selectBy: 'auc' });
  });

  it('train chooses by AUC, a command with a table by its figure: by visit, or by user without visits', () => {
    const chosen = (argv: readonly string[], historyAsOf: HistoryAsOf) =>
      trainingLength({ arguments: readArguments(argv)!, data: { samples: { historyAsOf } } as Dataset }).selectBy;
    expect(chosen(['train'], 'visit')).toBe('auc');
    expect(chosen(['train', '--select-by', 'gauc'], 'visit')).toBe('gauc');
    for (const command of ['compare', 'ablate', 'em3']) {
      expect(chosen([command], 'visit')).toBe('gaucByVisit');
      expect(chosen([command], 'event')).toBe('gauc');
    }
  });

  it('reads ranking models and rows of em3, all by default', () => {
    const argv = ['em3', '--models', 'longer, dlrm', '--rows', 'EM3'];
    expect(readArguments(argv)).toMatchObject({ models: ['longer', 'dlrm'], rows: ['EM3'], seeds: [1, 2, 3] });
    expect(readArguments(['em3'])).toMatchObject({ models: undefined, rows: undefined });
  });

  it('reads the control of one model', () => {
    expect(readArguments(['train', '--control', 'permuted'])).toMatchObject({ control: 'permuted' });
  });

  it.each([['--help'], ['-h'], ['train', '--help']])('prefers help to anything: %s %s', (...argv) => {
    expect(readArguments(argv)).toBeUndefined();
  });

  it.each<[string[], string]>([
    [['trian'], 'command: expected one of start, train, compare, ablate, em3, baselines, got trian'],
    [['__proto__'], 'command: expected one of start, train, compare, ablate, em3, baselines, got __proto__'],
    [['train', '--preset', 'constructor'], '--preset: expected one of lemur, twoStage, idOnly, em3, got constructor'],
    [['train', '--__proto__', '1'], "Unknown option '--__proto__' (--help lists all options)"],
    [['train', 'compare'], 'expected one command, got train compare'],
    [['--stepz', '3'], "Unknown option '--stepz' (--help lists all options)"],
    [['--steps'], "Option '--steps <value>' argument missing (--help lists all options)"],
    [['--resume=yes'], "Option '--resume' does not take an argument (--help lists all options)"],
    [['--steps', '0'], '--steps: expected a whole number from 1 to 70000000, got 0'],
    [['--steps=-1'], '--steps: expected a whole number from 1 to 70000000, got -1'],
    [['--steps', 'NaN'], '--steps: expected a whole number from 1 to 70000000, got NaN'],
    [['--steps', '1e3'], '--steps: expected a whole number from 1 to 70000000, got 1e3'],
    [['--steps', '70000001'], '--steps: expected a whole number from 1 to 70000000, got 70000001'],
    [['--batch-size', '0'], '--batch-size: expected a whole number from 1, got 0'],
    [['--batch-size', '2.5'], '--batch-size: expected a whole number from 1, got 2.5'],
    [['train', '--seed', ''], '--seed: expected a value, got an empty text'],
    [['train', '--seed=-1'], '--seed: expected a whole number from 0, got -1'],
    [['compare', '--seed', '1,'], '--seed: expected a whole number from 0, got '],
    [['compare', '--seed', '1,01'], '--seed: expected distinct values, got 1,01'],
    [['train', '--output', ''], '--output: expected a value, got an empty text'],
    [['train', '--data='], '--data: expected a value, got an empty text'],
    [['train', '--engine', ''], '--engine: expected a value, got an empty text'],
    [['train', '--seed', '1,2'], '--seed: expected one value, got 1,2; only compare, ablate and em3 take a list'],
    [['train', '--preset', 'idonly'], '--preset: expected one of lemur, twoStage, idOnly, em3, got idonly'],
    [['compare', '--preset', 'lemur,lemur'], '--preset: expected distinct values, got lemur,lemur'],
    [['start', '--preset', 'idOnly'], '--preset: expected with train and compare only; start trains idOnly and lemur'],
    [['em3', '--preset', 'lemur'], '--preset: expected with train and compare only; em3 takes --models and --rows'],
    [['compare', '--models', 'dlrm'], '--models: expected with em3 only; compare takes --preset'],
    [['em3', '--models', 'dlrm,dlrm'], '--models: expected distinct values, got dlrm,dlrm'],
    [['em3', '--rows', 'LEMUR'], `--rows: expected one of ${EM3_ROW_NAMES.join(', ')}, got LEMUR`],
    [['compare', '--rows', 'EM3'], '--rows: expected with ablate and em3 only'],
    [['em3', '--control', 'blank'], '--control: expected with train only; em3 trains a control by itself'],
    [['train', '--query', 'typed'], '--query: expected one of likedTitles, samples, got typed'],
    [['start', '--query', 'samples'], '--query: expected with train and compare only'],
    [['train', '--control', 'shuffled'], '--control: expected one of permuted, blank, got shuffled'],
    [['compare', '--control', 'blank'], '--control: expected with train only; compare trains controls by itself'],
    [['train', '--no-controls'], '--no-controls: expected with compare, ablate and em3 only'],
    [['train', '--steps', '3', '--epochs', '1'], '--epochs: expected --steps or --epochs, got both'],
    [['train', '--epochs', '0.5'], '--epochs: expected a whole number from 1 to 1000, got 0.5'],
    [['start', '--epochs', '1'], '--epochs: expected with train, compare, ablate and em3 only'],
    [
      ['baselines', '--steps', '3'],
      '--steps: expected with start, train, compare, ablate and em3 only; baselines trains no model',
    ],
    [
      ['baselines', '--resume'],
      '--resume: expected with start, train, compare, ablate and em3 only; baselines trains no model',
    ],
    [['train', '--patience', '0'], '--patience: expected a whole number from 1, got 0'],
    [['train', '--patience', '5'], '--patience: expected at most 4, because a run validates 5 times, got 5'],
    [
      ['compare', '--epochs', '2', '--patience', '8'],
      '--patience: expected at most 7, because a run of 2 epochs validates 8 times, got 8',
    ],
    [
      ['ablate', '--sampling', '20'],
      '--sampling: expected with train, compare and em3 only; the rows of ablate have their own',
    ],
    [
      ['ablate', '--text-encoder', 'x'],
      '--text-encoder: expected with train, compare and em3 only; ablate trains encoders of our own',
    ],
    [['em3', '--sampling', '0'], '--sampling: expected a whole number from 1 to 100, got 0'],
    [['ablate', '--select-by', 'loss'], '--select-by: expected one of auc, gauc, gaucByVisit, got loss'],
    [['--task', 'clicked'], '--task: expected one of liked, watched, got clicked'],
    [['--negatives', 'soFar'], '--negatives: expected with --task watched only, got --task liked'],
    [['--task', 'watched', '--negatives', 'never'], '--negatives: expected one of ever, soFar, got never'],
    [['--history-as-of', 'session'], '--history-as-of: expected one of visit, event, got session'],
    [['--split', 'random'], '--split: expected one of globalTime, userTime, got random'],
  ])('refuses %j', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(new UsageError(message));
  });
});

it('HELP names every environment variable', () => {
  for (const variable of ['SIFAKA_CACHE', 'SIFAKA_ENGINE', 'SIFAKA_HOME']) expect(HELP).toContain(`  ${variable} `);
});

it('HELP names every ranking model and row of em3', () => {
  for (const { name, what } of RANKING_MODELS) expect(HELP).toMatch(new RegExp(`^ +${name} +${what}$`, 'm'));
  for (const row of EM3_ROW_NAMES) expect(HELP).toContain(row);
  expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

it('HELP names every option', () => {
  const options = [
    'data',
    'preset',
    'models',
    'rows',
    'seed',
    'steps',
    'epochs',
    'patience',
    'select-by',
    'batch-size',
    'task',
    'negatives',
    'history-as-of',
    'split',
    'query',
    'sampling',
    'text-encoder',
    'image-encoder',
    'train-text',
    'train-image',
    'document-length',
    'control',
    'no-controls',
    'engine',
    'output',
    'resume',
    'help',
  ];
  for (const option of options) expect(HELP).toContain(`--${option} `);
});
