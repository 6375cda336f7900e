import { readFileSync } from 'node:fs';
import { type NamedParameters, readSafetensors, type SafetensorsEntry } from '@sifaka/nn';
import { type Scalar, variableGrads } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/**
 * Reads values of a reference implementation from `golden/NAME.json` beside the test. A script in `tools/golden` wrote
 * them.
 *
 * @param testFile `import.meta.url` of the test.
 */
export function readGolden<T>(testFile: string, name: string): T {
  return JSON.parse(readFileSync(new URL(`./golden/${name}.json`, testFile), 'utf8')) as T;
}

/** Weights or gradients of a golden file by path, from a safetensors file in base64. */
export function goldenTensors(base64: string): ReadonlyMap<string, SafetensorsEntry> {
  return readSafetensors(new Uint8Array(Buffer.from(base64, 'base64'))).tensors;
}

/** Checks that every parameter has the gradient of the reference. */
export function expectGoldenGradients(loss: () => Scalar, parameters: NamedParameters, base64: string): void {
  const expected = goldenTensors(base64);
  expect([...parameters.keys()].sort()).toEqual([...expected.keys()].sort());
  const { grads, value } = variableGrads(loss, [...parameters.values()]);
  value.dispose();
  for (const [path, variable] of parameters) {
    const gradient = grads[variable.name]!;
    expect(gradient.shape, path).toEqual(expected.get(path)!.shape);
    expect(gradient, path).toBeAllClose(expected.get(path)!.data, { atol: 2e-5, rtol: 1e-3 });
    gradient.dispose();
  }
}
