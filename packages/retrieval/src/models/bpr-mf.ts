import {
  assertNumber,
  assertSeed,
  assertWhole,
  collectParameters,
  disposeParameters,
  type NamedParameters,
} from '@sifaka/nn';
import { add, mul, type Scalar, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { BprBatch } from '../training/bpr-batches.js';
import { bprLoss } from '../training/bpr-loss.js';
import { idEmbeddings, type RetrievalSizes, splitNodes, squaredNorm, triplesOf } from './id-embeddings.js';
import type { RetrievalModel, RetrievalVectors } from './retrieval-model.js';

export interface BprMfOptions {
  readonly data: RetrievalSizes;
  /** Width of the embeddings. Default 64. */
  readonly dim?: number;
  /** Weight of the squared length of the batch's embeddings, see {@link squaredNorm}. Default 1e-4. */
  readonly regularization?: number;
  readonly seed: number;
}

/**
 * Matrix factorisation trained by BPR (Rendle et al., UAI 2009): `x_ui = γ_u · γ_i`.
 *
 * L2 regularisation covers the rows of the batch, not the whole table.
 */
export class BprMf implements RetrievalModel {
  readonly parameters: NamedParameters;
  readonly #embeddings: Variable;
  readonly #sizes: RetrievalSizes;
  readonly #regularization: number;

  /** @throws RangeError naming the option that is out of range, before a weight is created. */
  constructor({ data, dim = 64, regularization = 1e-4, seed }: BprMfOptions) {
    assertWhole('BprMf', { dim });
    assertNumber('BprMf', { regularization });
    assertSeed('BprMf', seed);
    this.#sizes = data;
    this.#regularization = regularization;
    this.#embeddings = idEmbeddings(data, dim, seed);
    this.parameters = collectParameters({ embeddings: this.#embeddings });
  }

  loss(batch: BprBatch): Scalar {
    return tidy(() => {
      const { users, positives, negatives } = triplesOf(this.#embeddings as Tensor, batch, this.#sizes.numUsers);
      const norm = squaredNorm([users, positives, negatives], batch.users.length);
      return add(bprLoss(users, positives, negatives), mul(norm, this.#regularization)) as Scalar;
    });
  }

  vectors(): RetrievalVectors {
    return splitNodes(this.#embeddings as Tensor, this.#sizes);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
