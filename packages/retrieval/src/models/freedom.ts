import {
  assertNumber,
  assertSeed,
  assertWhole,
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type NamedParameters,
  type SparseMatrix,
} from '@sifaka/nn';
import { add, mul, type Scalar, slice, type Tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import { passAlong, propagate } from '../graph/propagate.js';
import { PrunedGraph } from '../graph/pruned-graph.js';
import type { BprBatch } from '../training/bpr-batches.js';
import { bprLoss } from '../training/bpr-loss.js';
import { assertItemGraph } from './check-item-graph.js';
import { assertFeatures, FeatureTensors } from './feature-tensors.js';
import { idEmbeddings, pairsOf, splitNodes, triplesOf } from './id-embeddings.js';
import type { RetrievalModel, RetrievalVectors } from './retrieval-model.js';

export interface FreedomOptions {
  readonly data: Pick<RetrievalData, 'numUsers' | 'numItems' | 'train' | 'features'>;
  /** From {@link itemGraph}. Borrowed: the caller disposes it after the model. */
  readonly itemGraph: SparseMatrix;
  /** Width of the embeddings. Default 64. */
  readonly dim?: number;
  /** Layers of the graph of users and items, from 0. Default 2. */
  readonly layers?: number;
  /** Layers of the graph of items, from 0. Default 1. */
  readonly itemLayers?: number;
  /** Share of train interactions that each epoch's graph lacks, in [0, 1). Default 0.8. */
  readonly edgeDropout?: number;
  /** `λ`, weight of the BPR terms of the modalities. Default 1e-4. The grid of its authors: 0, 1e-5, 1e-4, 1e-3. */
  readonly modalityWeight?: number;
  readonly seed: number;
}

/**
 * FREEDOM (Zhou and Shen, arXiv 2211.06924). The id embeddings of all nodes are averaged along the train interactions,
 * of which each epoch keeps a few ({@link pruneEdges}); ranking uses all of them. The id embeddings of items also pass
 * through the frozen graph of similar items, `h = Sᴸ e`, and the item vector is the sum of both (Eq. 9 to 11).
 *
 * Loss (Eq. 12): `BPR(u, i) + λ Σ_m BPR(u, W_m f_i + b_m)` with the user vector `u` and the features `f_i` of each
 * modality `m`.
 *
 * Features are frozen, as in the paper's text. MMRec trains a copy of them in the second term.
 */
export class Freedom implements RetrievalModel {
  readonly parameters: NamedParameters;
  readonly #data: FreedomOptions['data'];
  readonly #itemGraph: SparseMatrix;
  readonly #layers: number;
  readonly #itemLayers: number;
  readonly #modalityWeight: number;
  readonly #graph: PrunedGraph;
  readonly #embeddings: Variable;
  readonly #features: FeatureTensors;
  readonly #projections: readonly Linear[];

  /**
   * @throws RangeError naming the option that is out of range, without features, or if the graph of items has another
   *   size, before a weight is created.
   */
  constructor(options: FreedomOptions) {
    const { data, itemGraph, dim = 64, layers = 2, itemLayers = 1, edgeDropout = 0.8 } = options;
    const { modalityWeight = 1e-4, seed } = options;
    assertWhole('Freedom', { dim });
    assertWhole('Freedom', { layers, itemLayers }, 0);
    assertNumber('Freedom', { edgeDropout }, { below: 1 });
    assertNumber('Freedom', { modalityWeight });
    assertSeed('Freedom', seed);
    assertFeatures('Freedom', data.features);
    assertItemGraph('Freedom', itemGraph, data.numItems);
    this.#data = data;
    this.#itemGraph = itemGraph;
    this.#layers = layers;
    this.#itemLayers = itemLayers;
    this.#modalityWeight = modalityWeight;
    this.#graph = new PrunedGraph({ data, rate: edgeDropout, seed: deriveSeed(seed, 'edges') });
    this.#embeddings = idEmbeddings(data, dim, deriveSeed(seed, 'embeddings'));
    // Without their term in the loss, the features are read by nothing but the graph of items.
    const features = modalityWeight === 0 ? {} : data.features;
    this.#features = new FeatureTensors(features);
    this.#projections = Object.entries(features).map(
      ([name, { dim: inputDim }]) =>
        new Linear({ inputDim, outputDim: dim, seed: deriveSeed(seed, 'projections', name) }),
    );
    this.parameters = collectParameters({ embeddings: this.#embeddings, projections: this.#projections });
  }

  startEpoch(epoch: number): void {
    this.#graph.startEpoch(epoch);
  }

  loss(batch: BprBatch): Scalar {
    return tidy(() => {
      const nodes = propagate(this.#graph.current, this.#embeddings as Tensor, this.#layers); // [U + I, D]
      const { users, positives, negatives } = triplesOf(nodes, batch, this.#data.numUsers);
      const similar = pairsOf(this.#similar(), batch);
      let loss = bprLoss(users, add(positives, similar.positives), add(negatives, similar.negatives));
      [...this.#features.byModality.values()].forEach((features, i) => {
        const pairs = pairsOf(features, batch);
        const projection = this.#projections[i]!;
        const term = bprLoss(users, projection.forward(pairs.positives), projection.forward(pairs.negatives));
        loss = add(loss, mul(term, this.#modalityWeight));
      });
      return loss;
    });
  }

  vectors(): RetrievalVectors {
    return tidy(() => {
      const nodes = propagate(this.#graph.full, this.#embeddings as Tensor, this.#layers);
      const { users, items } = splitNodes(nodes, this.#data);
      return { users, items: add(items, this.#similar()) };
    });
  }

  /** `Sᴸ e` of all items, `[I, D]`. */
  #similar(): Tensor {
    const { numUsers, numItems } = this.#data;
    const items = slice(this.#embeddings as Tensor, [numUsers, 0], [numItems, this.#embeddings.shape[1]!]);
    return passAlong(this.#itemGraph, items, this.#itemLayers);
  }

  dispose(): void {
    disposeParameters(this.parameters);
    this.#features.dispose();
    this.#graph.dispose();
  }
}
