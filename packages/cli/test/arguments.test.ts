import { readList, readOneOf, readOptions, readWholeNumber, UsageError } from '@sifaka/cli';
import { describe, expect, it } from 'vitest';

describe('readOptions', () => {
  const options = {
    steps: { type: 'string' },
    resume: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;

  it('splits options from other arguments', () => {
    const { values, positionals } = readOptions(['train', '--steps=3', '-h', 'more'], options);
    expect({ ...values }).toEqual({ steps: '3', help: true });
    expect(positionals).toEqual(['train', 'more']);
  });

  it.each([
    [['--stepz', '3'], "Unknown option '--stepz' (--help lists all options)"],
    [['--steps'], "Option '--steps <value>' argument missing (--help lists all options)"],
    [['--steps', ''], '--steps: expected a value, got an empty text'],
    [['--steps='], '--steps: expected a value, got an empty text'],
    [['--resume=yes'], "Option '--resume' does not take an argument (--help lists all options)"],
  ])('refuses %j', (argv, message) => {
    expect(() => readOptions(argv, options)).toThrow(new UsageError(message));
  });
});

it('reads a list of distinct values', () => {
  expect(readList('--seed', '3, 1,2')).toEqual(['3', '1', '2']);
  expect(() => readList('--seed', '1,2,1')).toThrow(new UsageError('--seed: expected distinct values, got 1,2,1'));
});

it('reads one of several names', () => {
  expect(readOneOf('--split', ['time', 'user'], 'user')).toBe('user');
  expect(() => readOneOf('--split', ['time', 'user'], 'User')).toThrow(
    new UsageError('--split: expected one of time, user, got User'),
  );
});

it('reads whole numbers', () => {
  expect(readWholeNumber('--steps', '12', 1)).toBe(12);
  expect(readWholeNumber('--offset', '-3', -5)).toBe(-3);
  expect(readWholeNumber('--steps', '20', 1, 20)).toBe(20);
  expect(() => readWholeNumber('--steps', '21', 1, 20)).toThrow(
    new UsageError('--steps: expected a whole number from 1 to 20, got 21'),
  );
  for (const text of [
    '0',
    '-1',
    '2.5',
    'ten',
    '',
    ' ',
    '1e30',
    '1e2',
    '0x10',
    ' 7',
    '9007199254740993',
    'NaN',
    'Infinity',
  ]) {
    expect(() => readWholeNumber('--steps', text, 1)).toThrow(
      new UsageError(`--steps: expected a whole number from 1, got ${text}`),
    );
  }
});
