import {
  assertNumber,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
  parameter,
} from '@sifaka/nn';
import {
  add,
  concat,
  gather,
  mul,
  ones,
  type Scalar,
  type Tensor,
  tensor1d,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import type { BprBatch } from '../training/bpr-batches.js';
import { bprLoss } from '../training/bpr-loss.js';
import { assertFeatures, FeatureTensors } from './feature-tensors.js';
import { idEmbeddings, splitNodes, squaredNorm, triplesOf } from './id-embeddings.js';
import type { RetrievalModel, RetrievalVectors } from './retrieval-model.js';

export interface VbprOptions {
  readonly data: Pick<RetrievalData, 'numUsers' | 'numItems' | 'features'>;
  /** Width `K` of the id embeddings, and `D` of the projected features. Default 64. */
  readonly dim?: number;
  /** Weight of the squared length of the batch's vectors, see {@link squaredNorm}. Default 1e-4. */
  readonly regularization?: number;
  readonly seed: number;
}

/**
 * VBPR (He and McAuley, arXiv 1510.01784, Eq. 4): `x_ui = β_i + γ_u · γ_i + θ_u · (E f_i) + β' · f_i`, with the frozen
 * features `f_i` of an item. `α` and `β_u` of the paper are left out, because they cancel in BPR and do not change a
 * ranking.
 *
 * With several modalities, `f_i` has all of their features end to end. The paper has one, of images.
 *
 * L2 regularisation covers `γ`, `θ` and `E f_i` of the batch, not all weights. MMRec, whose results are published
 * beside EM3's, has neither `β` nor `β'`, and regularises unsquared lengths, so that its weight of 2.0 means something
 * else.
 */
export class Vbpr implements RetrievalModel {
  readonly parameters: NamedParameters;
  readonly #data: VbprOptions['data'];
  readonly #regularization: number;
  readonly #features: FeatureTensors;
  /** `[γ_u; γ_i]` and `θ_u`. */
  readonly #factors: Variable;
  readonly #contentFactors: Variable;
  readonly #biases: Variable;
  /** `E` and `β'` per modality, which are added. */
  readonly #projections: readonly Linear[];
  readonly #visualBiases: readonly Linear[];

  /** @throws RangeError naming the option that is out of range, or without features, before a weight is created. */
  constructor({ data, dim = 64, regularization = 1e-4, seed }: VbprOptions) {
    assertWhole('Vbpr', { dim });
    assertNumber('Vbpr', { regularization });
    assertSeed('Vbpr', seed);
    assertFeatures('Vbpr', data.features);
    const { numUsers, numItems, features } = data;
    this.#data = data;
    this.#regularization = regularization;
    this.#features = new FeatureTensors(features);
    this.#factors = idEmbeddings(data, dim, deriveSeed(seed, 'factors'));
    this.#contentFactors = idEmbeddings({ numUsers, numItems: 0 }, dim, deriveSeed(seed, 'contentFactors'));
    this.#biases = parameter(() => zeros([numItems, 1]), { decay: false });
    const linears = (part: string, outputDim: number) =>
      Object.entries(features).map(
        ([name, { dim: inputDim }]) =>
          new Linear({ inputDim, outputDim, bias: false, seed: deriveSeed(seed, part, name) }),
      );
    this.#projections = linears('projections', dim);
    this.#visualBiases = linears('visualBiases', 1);
    this.parameters = collectParameters({
      factors: this.#factors,
      contentFactors: this.#contentFactors,
      biases: this.#biases,
      projections: this.#projections,
      visualBiases: this.#visualBiases,
    });
  }

  loss(batch: BprBatch): Scalar {
    return tidy(() => {
      const size = batch.users.length;
      const ids = triplesOf(this.#factors as Tensor, batch, this.#data.numUsers); // [B, K] each
      const contentFactors = gather(this.#contentFactors as Tensor, tensor1d(batch.users, 'int32')); // [B, D]
      const [liked, drawn] = [batch.positives, batch.negatives].map((items) => this.#contents(items)) as [
        Contents,
        Contents,
      ];
      const norm = squaredNorm(
        [ids.users, ids.positives, ids.negatives, contentFactors, liked.projected, drawn.projected],
        size,
      );
      const loss = bprLoss(
        userVectors(ids.users, contentFactors),
        itemVectors(ids.positives, liked),
        itemVectors(ids.negatives, drawn),
      );
      return add(loss, mul(norm, this.#regularization)) as Scalar;
    });
  }

  vectors(): RetrievalVectors {
    return tidy(() => {
      const { users, items } = splitNodes(this.#factors as Tensor, this.#data);
      return { users: userVectors(users, this.#contentFactors as Tensor), items: itemVectors(items, this.#contents()) };
    });
  }

  /** `E f_i` and `β_i + β' · f_i` of some items, or of all. */
  #contents(items?: Int32Array): Contents {
    const ids = items && tensor1d(items, 'int32');
    const rows = (all: Tensor) => (ids === undefined ? all : gather(all, ids));
    const features = [...this.#features.byModality.values()].map(rows);
    const through = (linears: readonly Linear[]) =>
      features.map((each, i) => linears[i]!.forward(each)).reduce((total, each) => add(total, each));
    return {
      projected: through(this.#projections), // [n, D]
      bias: add(rows(this.#biases as Tensor), through(this.#visualBiases)), // [n, 1]
    };
  }

  dispose(): void {
    disposeParameters(this.parameters);
    this.#features.dispose();
  }
}

/** What VBPR knows of items. */
interface Contents {
  /** `E f_i`, `[n, D]` */
  readonly projected: Tensor;
  /** `β_i + β' · f_i`, `[n, 1]` */
  readonly bias: Tensor;
}

// The score as one dot product: [γ_u; θ_u; 1] · [γ_i; E f_i; β_i + β' · f_i].
function userVectors(factors: Tensor, contentFactors: Tensor): Tensor {
  return concat([factors, contentFactors, ones([factors.shape[0]!, 1])], 1);
}

function itemVectors(factors: Tensor, { projected, bias }: Contents): Tensor {
  return concat([factors, projected, bias], 1);
}
