import {
  assertNumber,
  assertSeed,
  assertWhole,
  collectParameters,
  disposeParameters,
  type NamedParameters,
  type SparseMatrix,
} from '@sifaka/nn';
import { add, mul, type Scalar, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import { usersOf } from '../data/user-items.js';
import { propagate } from '../graph/propagate.js';
import { userItemGraph } from '../graph/user-item-graph.js';
import type { BprBatch } from '../training/bpr-batches.js';
import { bprLoss } from '../training/bpr-loss.js';
import { idEmbeddings, splitNodes, squaredNorm, triplesOf } from './id-embeddings.js';
import type { RetrievalModel, RetrievalVectors } from './retrieval-model.js';

export interface LightGcnOptions {
  readonly data: Pick<RetrievalData, 'numUsers' | 'numItems' | 'train'>;
  /** Width of the embeddings. Default 64. */
  readonly dim?: number;
  /** `L`, from 0. Default 2. */
  readonly layers?: number;
  /** Weight of the squared length of the batch's initial embeddings, see {@link squaredNorm}. Default 1e-4. */
  readonly regularization?: number;
  readonly seed: number;
}

/**
 * LightGCN (He et al., arXiv 2002.02126): embeddings of users and items are averaged along the train interactions, see
 * {@link propagate}, and trained by BPR.
 *
 * L2 regularisation covers the initial embeddings of the batch, as in the authors' code; the paper writes those of all
 * nodes (Eq. 15).
 */
export class LightGcn implements RetrievalModel {
  readonly parameters: NamedParameters;
  readonly #data: LightGcnOptions['data'];
  readonly #layers: number;
  readonly #regularization: number;
  readonly #graph: SparseMatrix;
  readonly #embeddings: Variable;

  /** @throws RangeError naming the option that is out of range, before a weight is created. */
  constructor({ data, dim = 64, layers = 2, regularization = 1e-4, seed }: LightGcnOptions) {
    assertWhole('LightGcn', { dim });
    assertWhole('LightGcn', { layers }, 0);
    assertNumber('LightGcn', { regularization });
    assertSeed('LightGcn', seed);
    const { numUsers, numItems, train } = data;
    this.#data = data;
    this.#layers = layers;
    this.#regularization = regularization;
    this.#graph = userItemGraph(numUsers, numItems, { users: usersOf(train), items: train.items });
    this.#embeddings = idEmbeddings(data, dim, seed);
    this.parameters = collectParameters({ embeddings: this.#embeddings });
  }

  loss(batch: BprBatch): Scalar {
    return tidy(() => {
      const { numUsers } = this.#data;
      const nodes = propagate(this.#graph, this.#embeddings as Tensor, this.#layers); // [U + I, D]
      const { users, positives, negatives } = triplesOf(nodes, batch, numUsers);
      const initial = triplesOf(this.#embeddings as Tensor, batch, numUsers);
      const norm = squaredNorm([initial.users, initial.positives, initial.negatives], batch.users.length);
      return add(bprLoss(users, positives, negatives), mul(norm, this.#regularization)) as Scalar;
    });
  }

  vectors(): RetrievalVectors {
    return tidy(() => {
      const nodes = propagate(this.#graph, this.#embeddings as Tensor, this.#layers);
      return { ...splitNodes(nodes, this.#data) };
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
    this.#graph.dispose();
  }
}
