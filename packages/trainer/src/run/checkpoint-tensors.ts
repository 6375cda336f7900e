import type { AdamWState, SafetensorsEntry, SafetensorsFile } from '@sifaka/nn';
import type { TableWeights } from '../model/model-weights.js';
import type { OptimizerMoments } from './optimizer-moments.js';

/**
 * Number of updates of each optimizer of dense weights, in the state.json of earlier versions. They counted for all
 * weights together; now `optimizer.safetensors` has a number for each.
 */
export interface OptimizerUpdates {
  readonly encoder: number;
  readonly ranker: number;
}

export function momentEntries({ encoder, ranker, users, items }: OptimizerMoments): Map<string, SafetensorsEntry> {
  return new Map([
    ['encoder.updates', updateCounts(encoder)],
    ['encoder.firstMoment', floats(encoder.firstMoment)],
    ['encoder.secondMoment', floats(encoder.secondMoment)],
    ['ranker.updates', updateCounts(ranker)],
    ['ranker.firstMoment', floats(ranker.firstMoment)],
    ['ranker.secondMoment', floats(ranker.secondMoment)],
    ['users.firstMoments', floats(users.firstMoments)],
    ['users.secondMoments', floats(users.secondMoments)],
    ['items.firstMoments', floats(items.firstMoments)],
    ['items.secondMoments', floats(items.secondMoments)],
  ]);
}

/**
 * @param updates of a checkpoint of an earlier version
 * @throws Error naming the tensor that is missing or of another type.
 */
export function readMoments(file: SafetensorsFile, updates?: OptimizerUpdates): OptimizerMoments {
  const floatsOf = (name: string) => readTensor(file, name, 'F32').data as Float32Array;
  const countsOf = (name: string) => {
    const counts = readTensor(file, `${name}.updates`, 'I32').data as Int32Array;
    return counts.length === 1 ? counts[0]! : counts;
  };
  const dense = (name: 'encoder' | 'ranker') => ({
    updates: updates?.[name] ?? countsOf(name),
    firstMoment: floatsOf(`${name}.firstMoment`),
    secondMoment: floatsOf(`${name}.secondMoment`),
  });
  const table = (name: 'users' | 'items') => ({
    firstMoments: floatsOf(`${name}.firstMoments`),
    secondMoments: floatsOf(`${name}.secondMoments`),
  });
  return { encoder: dense('encoder'), ranker: dense('ranker'), users: table('users'), items: table('items') };
}

export function tableEntries({ values, updates }: TableWeights): Map<string, SafetensorsEntry> {
  return new Map([
    ['values', floats(values)],
    ['updates', integers(updates)],
  ]);
}

/** @throws Error naming the tensor that is missing or of another type. */
export function tableWeights(file: SafetensorsFile): TableWeights {
  return {
    values: readTensor(file, 'values', 'F32').data as Float32Array,
    updates: readTensor(file, 'updates', 'I32').data as Int32Array,
  };
}

function readTensor({ tensors }: SafetensorsFile, name: string, dtype: 'F32' | 'I32'): SafetensorsEntry {
  const entry = tensors.get(name);
  if (entry?.dtype === dtype) return entry;
  throw new Error(`expected a tensor ${name} of type ${dtype}, got ${entry === undefined ? 'none' : entry.dtype}`);
}

/** A number that all weights have is an array of one. */
function updateCounts({ updates }: AdamWState): SafetensorsEntry {
  return integers(typeof updates === 'number' ? Int32Array.of(updates) : updates);
}

function floats(data: Float32Array): SafetensorsEntry {
  return { dtype: 'F32', shape: [data.length], data };
}

function integers(data: Int32Array): SafetensorsEntry {
  return { dtype: 'I32', shape: [data.length], data };
}
