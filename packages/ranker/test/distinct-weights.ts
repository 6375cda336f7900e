import type { NamedParameters } from '@sifaka/nn';
import { expect } from 'vitest';

/**
 * Expects that no two parameters start with the same random values, as they would with one seed for two layers. The two
 * routers of experts start equal by design.
 */
export function expectDistinctWeights(parameters: NamedParameters): void {
  const pathOf = new Map<string, string>();
  for (const [path, weights] of parameters) {
    const values = [...weights.dataSync()];
    if (path.includes('trainingRouter') || values.every((value) => value === 0 || value === 1)) continue;
    const key = values.join();
    expect(pathOf.get(key), `starts with the values of ${path}`).toBe(undefined);
    pathOf.set(key, path);
  }
}
