import * as encoders from '@sifaka/encoders';
import {
  type ContractCase,
  evaluateCase,
  MODULES,
  OPERATIONS,
  type Operation,
  smallBatches,
  smallTraining,
} from '@sifaka/engine-contract';
import * as losses from '@sifaka/losses';
import * as memoryBank from '@sifaka/memory-bank';
import * as nn from '@sifaka/nn';
import * as qformer from '@sifaka/qformer';
import * as ranker from '@sifaka/ranker';
import * as retrieval from '@sifaka/retrieval';
import * as core from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { NOT_MODULES, NOT_OPERATIONS } from './not-operations.js';
import { readSourceNames } from './source-names.js';

const SOURCES = readSourceNames();
const CONTRACT = new Set([...OPERATIONS, ...MODULES].map(({ name }) => name));

/** Exported constants of TensorFlow.js that are names of kernels. */
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

  test('names that are not operations are imported, and are not in it', () => {
    for (const name of Object.keys(NOT_OPERATIONS)) {
      expect(SOURCES.imports.has(name), `${name} is not imported`).toBe(true);
      expect(CONTRACT.has(name), `${name} has cases`).toBe(false);
    }
  });

  test('every function and module that computes with tensors is in it', () => {
    const exported = [nn, encoders, losses, memoryBank, qformer, ranker, retrieval].flatMap((module) =>
      Object.keys(module),
    );
    const missing = exported.filter((name) => !CONTRACT.has(name) && !(name in NOT_MODULES));
    expect(missing, missing.join('; ')).toEqual([]);
    expect(Object.keys(NOT_MODULES).filter((name) => !exported.includes(name))).toEqual([]);
  });

  test('its cases run every kernel of a training step and every kernel that a source file names', async () => {
    const inStep = await kernelsOf(() => {
      const training = smallTraining();
      training.run(smallBatches(1)[0]!, { step: 0 });
      training.model.dispose();
      training.dispose();
    });
    expect(inStep.length).toBeGreaterThan(25);
    const exists = (name: string) => core.getKernel(name, core.getBackend()) !== undefined;
    const named = [...SOURCES.imports.keys()].flatMap((name) => KERNEL_NAMES.get(name) ?? []);
    const missing = new Set([...inStep, ...named, ...SOURCES.kernels.keys()].filter(exists));
    const strikeOut = (names: readonly string[]) => {
      for (const name of names) missing.delete(name);
    };
    strikeOut(await kernelsOf(runGlobalNorm)); // its test is in host-reading.test.ts
    for (const contractCase of inRounds([...OPERATIONS, ...MODULES])) {
      strikeOut(await kernelsOf(() => evaluateCase(contractCase)));
      if (missing.size === 0) break;
    }
    expect([...missing]).toEqual([]);
  }, 300_000);
});

/** Names of the kernels that a function runs. */
async function kernelsOf(run: () => unknown): Promise<readonly string[]> {
  const { kernelNames } = await core.profile(async () => {
    await run();
  });
  return kernelNames;
}

/** The first case of each operation, then the second of each, so that all kernels are seen early. */
function inRounds(operations: readonly Operation[]): ContractCase[] {
  const rounds = Math.max(...operations.map(({ cases }) => cases.length));
  return Array.from({ length: rounds }, (_, i) => operations.flatMap(({ cases }) => cases[i] ?? [])).flat();
}

function runGlobalNorm(): void {
  const gradient = core.ones([3]);
  nn.globalNorm([gradient]);
  gradient.dispose();
}
