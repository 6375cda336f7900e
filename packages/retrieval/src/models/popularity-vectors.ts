import { ones, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import type { RetrievalVectors } from './retrieval-model.js';

/** Vectors of width 1 that score each item by its number of train interactions. Both belong to the caller. */
export function popularityVectors({
  numUsers,
  numItems,
  train,
}: Pick<RetrievalData, 'numUsers' | 'numItems' | 'train'>): RetrievalVectors {
  const counts = new Float32Array(numItems);
  for (const item of train.items) counts[item]!++;
  return tidy(() => ({ users: ones([numUsers, 1]), items: tensor2d(counts, [numItems, 1]) }));
}
