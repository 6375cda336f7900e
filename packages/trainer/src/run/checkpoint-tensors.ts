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

/** @param updates of a checkpoint of an earlier version */
export function readMoments({ tensors }: SafetensorsFile, updates?: OptimizerUpdates): OptimizerMoments {
  const read = (name: string) => tensors.get(name)!.data as Float32Array;
  const countsOf = (name: string) => tensors.get(`${name}.updates`)!.data as Int32Array;
  const dense = (name: 'encoder' | 'ranker') => ({
    updates: updates?.[name] ?? (countsOf(name).length === 1 ? countsOf(name)[0]! : countsOf(name)),
    firstMoment: read(`${name}.firstMoment`),
    secondMoment: read(`${name}.secondMoment`),
  });
  const table = (name: 'users' | 'items') => ({
    firstMoments: read(`${name}.firstMoments`),
    secondMoments: read(`${name}.secondMoments`),
  });
  return { encoder: dense('encoder'), ranker: dense('ranker'), users: table('users'), items: table('items') };
}

export function tableEntries({ values, updates }: TableWeights): Map<string, SafetensorsEntry> {
  return new Map([
    ['values', floats(values)],
    ['updates', integers(updates)],
  ]);
}

export function tableWeights({ tensors }: SafetensorsFile): TableWeights {
  return { values: tensors.get('values')!.data as Float32Array, updates: tensors.get('updates')!.data as Int32Array };
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
