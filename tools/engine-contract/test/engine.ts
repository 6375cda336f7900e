import type { ContractEngine } from '@sifaka/engine-contract';

/** The engine that the shared setup starts. */
export const ENGINE = (process.env['SIFAKA_TEST_ENGINE'] ?? 'wasm') as ContractEngine;
