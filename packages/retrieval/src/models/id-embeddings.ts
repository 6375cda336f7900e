import { deriveSeed, parameter, xavierUniform } from '@sifaka/nn';
import {
  add,
  concat,
  gather,
  mul,
  type Scalar,
  slice,
  square,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { BprBatch } from '../training/bpr-batches.js';
import type { RetrievalVectors } from './retrieval-model.js';

/** Numbers of users and items. */
export interface RetrievalSizes {
  readonly numUsers: number;
  readonly numItems: number;
}

/** Vectors of the rows of a batch. */
export interface Triples {
  /** `[B, D]` */
  readonly users: Tensor;
  /** `[B, D]` */
  readonly positives: Tensor;
  /** `[B, D]` */
  readonly negatives: Tensor;
}

/**
 * Id embeddings of all users, then of all items, in one matrix: the nodes of {@link userItemGraph}. Users and items
 * each start Xavier uniform.
 *
 * @returns `[numUsers + numItems, dim]`
 */
export function idEmbeddings({ numUsers, numItems }: RetrievalSizes, dim: number, seed: number): Variable {
  return parameter(() =>
    concat([
      xavierUniform([numUsers, dim], deriveSeed(seed, 'users')),
      xavierUniform([numItems, dim], deriveSeed(seed, 'items')),
    ]),
  );
}

/** The batch's rows of `nodes [users + items, D]`, in one gather: its gradient is as large as all nodes. */
export function triplesOf(nodes: Tensor, { users, positives, negatives }: BprBatch, numUsers: number): Triples {
  const ids = joined([users, ...[positives, negatives].map((items) => items.map((item) => numUsers + item))]);
  return tidy(() => {
    const [own, liked, drawn] = parts(gather(nodes, tensor1d(ids, 'int32')), 3); // 3 × [B, D]
    return { users: own!, positives: liked!, negatives: drawn! };
  });
}

/** The batch's rows of `items [items, D]`. */
export function pairsOf(
  items: Tensor,
  { positives, negatives }: Pick<BprBatch, 'positives' | 'negatives'>,
): Omit<Triples, 'users'> {
  return tidy(() => {
    const ids = joined([positives, negatives]);
    const [liked, drawn] = parts(gather(items, tensor1d(ids, 'int32')), 2); // 2 × [B, D]
    return { positives: liked!, negatives: drawn! };
  });
}

function joined(lists: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(lists.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const list of lists) {
    all.set(list, offset);
    offset += list.length;
  }
  return all;
}

/** Cuts rows into parts of equal size. */
function parts(rows: Tensor, count: number): Tensor[] {
  const [total, width] = rows.shape as [number, number];
  const size = total / count;
  return Array.from({ length: count }, (_, i) => slice(rows, [i * size, 0], [size, width]));
}

/** Separates nodes into users and items. */
export function splitNodes(nodes: Tensor, { numUsers, numItems }: RetrievalSizes): RetrievalVectors {
  const width = nodes.shape[1]!;
  return {
    users: slice(nodes, [0, 0], [numUsers, width]),
    items: slice(nodes, [numUsers, 0], [numItems, width]),
  };
}

/** `½ · Σ x² / B` over the given rows of a batch of B triples: the usual form of L2 regularisation beside BPR. */
export function squaredNorm(rows: readonly Tensor[], batchSize: number): Scalar {
  return tidy(() => {
    const norms = rows.map((each) => sum(square(each)));
    return mul(
      norms.reduce((total, norm) => add(total, norm)),
      0.5 / batchSize,
    ) as Scalar;
  });
}
