import { createHash } from 'node:crypto';
import { exportMoments, exportWeights, type TrainingStep } from '@sifaka/trainer';

/** Digests of weights, moments and bank, by name. Equal digests mean equal bits. */
export function wholeDigest(training: TrainingStep): Record<string, string> {
  const { model } = training;
  return {
    weights: digest(exportWeights(model)),
    moments: digest(exportMoments(training)),
    bank: digest(model.bank.snapshot()),
  };
}

/** SHA-256 over the names and values of plain data with typed arrays and maps. */
export function digest(value: unknown): string {
  const hash = createHash('sha256');
  const add = (name: string, each: unknown): void => {
    hash.update(`${name}:`);
    if (ArrayBuffer.isView(each)) {
      hash.update(new Uint8Array(each.buffer, each.byteOffset, each.byteLength));
    } else if (each instanceof Map) {
      for (const [key, inner] of each) add(String(key), inner);
    } else if (typeof each === 'object' && each !== null) {
      for (const [key, inner] of Object.entries(each)) add(key, inner);
    } else {
      hash.update(`${String(each)};`);
    }
  };
  add('', value);
  return hash.digest('hex').slice(0, 32);
}
