import * as encoders from '@sifaka/encoders';
import {
  type ContractCase,
  evaluateCase,
  MODULES,
  OPERATIONS,
  type Operation,
  smallBatches,
  smallRanker,
} from '@sifaka/engine-contract';
import * as losses from '@sifaka/losses';
import * as memoryBank from '@sifaka/memory-bank';
import * as nn from '@sifaka/nn';
import * as qformer from '@sifaka/qformer';
import * as ranker from '@sifaka/ranker';
import * as core from '@tensorflow/tfjs-core';
import { describe, expect, test, vi } from 'vitest';
import { NOT_MODULES, NOT_OPERATIONS } from './not-operations.js';
import { readSourceNames } from './source-names.js';

const SOURCES = readSourceNames();
const CONTRACT = new Set([...OPERATIONS, ...MODULES].map(({ name }) => name));

/** tfjs names kernels in capitals; those constants are strings. */
const KERNEL_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries<unknown>({ ...core }).flatMap(([name, value]) =>
    /^_?[A-Z]/.test(name) && typeof value === 'string' ? [[name, value] as const] : [],
  ),
);

describe('the contract is complete', () => {
  test('every operation that a source file imports is in it', () => {
    expect(SOURCES.imports.size).toBeGreaterThan(40);
    const missing = [...SOURCES.imports].filter(
      ([name]) => !CONTRACT.has(name) && !(name in NOT_OPERATIONS) && !KERNEL_NAMES.has(name),
    );
    expect(missing, missing.join('; ')).toEqual([]);
  });

  test('what is called no operation is imported somewhere, and is not in it', () => {
    for (const name of Object.keys(NOT_OPERATIONS)) {
      expect(SOURCES.imports.has(name), `${name} is imported by nobody`).toBe(true);
      expect(CONTRACT.has(name), `${name} is both`).toBe(false);
    }
  });

  test('every function and module that computes with tensors is in it', () => {
    const exported = [nn, encoders, losses, memoryBank, qformer, ranker].flatMap((module) => Object.keys(module));
    const missing = exported.filter((name) => !CONTRACT.has(name) && !(name in NOT_MODULES));
    expect(missing, missing.join('; ')).toEqual([]);
    expect(Object.keys(NOT_MODULES).filter((name) => !exported.includes(name))).toEqual([]);
  });

  test('its cases run every kernel that a training step runs, forward and backward, and every one that a source file names', async () => {
    const kernels = vi.spyOn(core.engine(), 'runKernel');
    const seen = () => new Set(kernels.mock.calls.map(([name]) => name));
    try {
      const model = smallRanker();
      trainingOf(model).run(smallBatches(1)[0]!, { step: 0 });
      model.dispose();
      const inStep = seen();
      expect(inStep.size).toBeGreaterThan(25);
      kernels.mockClear();
      const present = (name: string) => core.getKernel(name, core.getBackend()) !== undefined;
      const named = [...SOURCES.imports.keys()].flatMap((name) => KERNEL_NAMES.get(name) ?? []);
      const wanted = [...inStep, ...named, ...SOURCES.kernels.keys()].filter(present);
      const missing = new Set(wanted);
      const strikeOut = () => {
        for (const name of seen()) missing.delete(name);
        kernels.mockClear();
      };
      runGlobalNorm(); // host-reading.test.ts
      for (const contractCase of firstCasesFirst([...OPERATIONS, ...MODULES])) {
        await evaluateCase(contractCase);
        strikeOut();
        if (missing.size === 0) break;
      }
      expect([...missing]).toEqual([]);
    } finally {
      kernels.mockRestore();
    }
  }, 300_000);
});

/** The first case of each operation, then the second of each: the sooner every kernel was seen. */
function firstCasesFirst(operations: readonly Operation[]): ContractCase[] {
  const most = Math.max(...operations.map(({ cases }) => cases.length));
  return Array.from({ length: most }, (_, i) => operations.flatMap(({ cases }) => cases[i] ?? [])).flat();
}

function runGlobalNorm(): void {
  const gradient = core.ones([3]);
  nn.globalNorm([gradient]);
  gradient.dispose();
}
