import {
  type ContractCase,
  compareEvaluations,
  EXCEPTIONS,
  evaluateCase,
  gradientToleranceOf,
  type Operation,
  onReference,
  slopesOf,
  toleranceOf,
} from '@sifaka/engine-contract';
import { afterAll, describe, expect, test } from 'vitest';
import { ENGINE } from './engine.js';

/** Largest errors by precision, for setting tolerances. `SIFAKA_CONTRACT_REPORT=1` prints them. */
const worst = new Map<string, { readonly error: number; readonly where: string }>();

/** Compares each case with the reference; on the reference itself, its gradient with finite differences. */
export function checkOperations(operations: readonly Operation[]): void {
  for (const { name, precision, cases } of operations) {
    describe(name, () => {
      test.for(cases.map((each) => [each.name, each] as const))('%s', async ([, contractCase]) => {
        if (ENGINE === 'cpu') await expectSlopes(contractCase);
        else await expectReference(name, precision, contractCase);
      });
    });
  }
  afterAll(() => {
    if (process.env['SIFAKA_CONTRACT_REPORT'] !== undefined) console.table(Object.fromEntries(worst));
  });
}

async function expectReference(
  name: string,
  precision: Operation['precision'],
  contractCase: ContractCase,
): Promise<void> {
  const expected = await onReference(() => evaluateCase(contractCase));
  const got = await evaluateCase(contractCase);
  const comparison = compareEvaluations(got, expected, {
    tolerance: toleranceOf(ENGINE, precision),
    gradientTolerance: gradientToleranceOf(ENGINE, precision),
    onlyFinite: EXCEPTIONS.some(
      ({ engine, operation, case: excepted }) =>
        engine === ENGINE && operation === name && excepted === contractCase.name,
    ),
    ...(contractCase.magnitude === undefined ? {} : { magnitude: contractCase.magnitude }),
  });
  noteWorst(precision, comparison.outputError, `${name}: ${contractCase.name}`);
  noteWorst(`${precision}, gradient`, comparison.gradientError, `${name}: ${contractCase.name}`);
  expect(comparison.failures, comparison.failures.join('; ')).toEqual([]);
}

function noteWorst(kind: string, error: number, where: string): void {
  if (error > (worst.get(kind)?.error ?? 0)) worst.set(kind, { error, where });
}

async function expectSlopes(contractCase: ContractCase): Promise<void> {
  const evaluation = await evaluateCase(contractCase);
  if (contractCase.differentiable === false || contractCase.smooth === false) return;
  const { analytic, numeric, allowed } = slopesOf(contractCase, evaluation);
  expect(Math.abs(analytic - numeric), `${analytic} by the gradient, ${numeric} by differences`).toBeLessThanOrEqual(
    allowed,
  );
}
