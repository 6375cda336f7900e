import type { z } from 'zod';

const TYPE_NAMES: Readonly<Record<string, string>> = { int: 'a whole number', object: 'an object', array: 'an array' };

/** Describes one refused option: `sampling.forward: expected 1 or less, got 2`. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const at = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  const got = `got ${show(issue.input)}`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const names = issue.keys.map((key) => [...issue.path, key].join('.'));
      return `unknown option ${names.join(', ')}`;
    }
    case 'invalid_type':
      return `${at}expected ${TYPE_NAMES[issue.expected] ?? `a ${issue.expected}`}, ${got}`;
    case 'too_small':
      return `${at}expected ${issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`}, ${got}`;
    case 'too_big':
      return `${at}expected ${issue.maximum} or less, ${got}`;
    case 'invalid_value':
      return `${at}expected ${issue.values.map(show).join(' or ')}, ${got}`;
    case 'invalid_union':
      return describeUnion(issue, at, got);
    default:
      return `${at}${issue.message}`;
  }
}

/** As JSON, which has no NaN, Infinity and undefined. */
function show(value: unknown): string {
  return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
}

function describeUnion(issue: z.core.$ZodIssueInvalidUnion, at: string, got: string): string {
  if (issue.discriminator !== undefined && 'options' in issue) {
    const { [issue.discriminator]: kind } = issue.input as Readonly<Record<string, unknown>>;
    return `${at}expected ${issue.options!.map(show).join(' or ')}, got ${show(kind)}`;
  }
  // The union of `false` and a group of options: an object was meant as the group.
  const meant = typeof issue.input === 'object' ? issue.errors.at(-1) : undefined;
  if (meant === undefined) return `${at}expected false or an object of options, ${got}`;
  return meant.map((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] })).join('; ');
}
