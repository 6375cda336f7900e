import { readFileSync } from 'node:fs';
import { type NamedParameters, readSafetensors, type SafetensorsEntry } from '@sifaka/nn';
import { type Scalar, variableGrads } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** A file of `test/golden`, made by `tools/golden/ranker/generate.py`. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** The weights or gradients of a golden file, by path. */
export function entriesOf(base64: string): ReadonlyMap<string, SafetensorsEntry> {
  return readSafetensors(new Uint8Array(Buffer.from(base64, 'base64'))).tensors;
}

/** Every parameter has a gradient in the reference, and gets that one. */
export function expectGradients(loss: () => Scalar, parameters: NamedParameters, base64: string): void {
  const expected = entriesOf(base64);
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
