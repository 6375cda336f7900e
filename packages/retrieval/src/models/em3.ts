import { cic } from '@sifaka/losses';
import {
  assertHeads,
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
import { FusionQFormer, type ModalityTokens, publicForm } from '@sifaka/qformer';
import {
  add,
  concat,
  mul,
  reshape,
  type Scalar,
  slice,
  type Tensor,
  tidy,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import { passAlong, propagate } from '../graph/propagate.js';
import { PrunedGraph } from '../graph/pruned-graph.js';
import type { BprBatch } from '../training/bpr-batches.js';
import { bprLoss } from '../training/bpr-loss.js';
import { assertItemGraph } from './check-item-graph.js';
import { assertFeatures, FeatureTensors } from './feature-tensors.js';
import { idEmbeddings, pairsOf, splitNodes, triplesOf } from './id-embeddings.js';
import type { RetrievalModel, RetrievalVectors } from './retrieval-model.js';

export interface Em3Options {
  readonly data: Pick<RetrievalData, 'numUsers' | 'numItems' | 'train' | 'features'>;
  /** From {@link itemGraph}. Borrowed: the caller disposes it after the model. */
  readonly itemGraph: SparseMatrix;
  /** Width of the id embeddings and of the content embeddings. Default 64. */
  readonly dim?: number;
  /** Layers of the graph of users and items, from 0. Default 2. */
  readonly layers?: number;
  /** Layers of the graph of items, from 0. Default 1. */
  readonly itemLayers?: number;
  /** Share of train interactions that each epoch's graph lacks, in [0, 1). Default 0.8. */
  readonly edgeDropout?: number;
  /** Learned queries of the Fusion-Q-Former: 1 or 2 in EM3's grid. Default 1. */
  readonly numQueries?: number;
  /** Layers of the Fusion-Q-Former. Default 1. */
  readonly depth?: number;
  /** Heads of the Fusion-Q-Former. Default 4. */
  readonly heads?: number;
  /** Dropout of the Fusion-Q-Former: 0.5 or 0.8 in EM3's grid. Default 0.5. */
  readonly dropout?: number;
  readonly cic?: {
    /** Weight of CIC in the loss; 0: without CIC. Default 1e-3. */
    readonly weight?: number;
    /** Multiplies the cosines, `1 / τ`: 2 or 10 in EM3's grid. Default 2. */
    readonly temperature?: number;
    /** Drawn negatives per item. Default 16. */
    readonly negatives?: number;
  };
  readonly seed: number;
}

/**
 * EM3 (arXiv 2404.06078) as in the public experiment of its authors, on top of FREEDOM (see {@link Freedom}), whose
 * graphs it keeps and whose BPR terms of modalities it leaves out.
 *
 * Beside its id embedding, an item has a content embedding: a Fusion-Q-Former fuses its frozen features, one token per
 * modality. Content embeddings pass through the same two graphs as id embeddings; users start with zeros. A score is
 * the dot product of `[id; content]` of a user and of an item.
 *
 * Loss: `BPR + 1e-3 · CIC`, where CIC contrasts the content and the id vectors of all items of the catalogue in each
 * step, after the graphs and through one linear map each. Its 16 negatives are drawn with replacement and serve both
 * directions, so that an item may draw itself.
 *
 * An item whose features of a modality are all 0 lacks it: its token is left out. That code does not cover such items.
 *
 * Written from the paper's abstract and a description of that code. The description leaves open whether CIC reads the
 * vectors of one graph or of both. Here it reads those that rank, of both.
 */
export class Em3 implements RetrievalModel {
  readonly parameters: NamedParameters;
  readonly #options: Em3Options;
  readonly #cic: Required<NonNullable<Em3Options['cic']>>;
  readonly #graph: PrunedGraph;
  readonly #features: FeatureTensors;
  readonly #embeddings: Variable;
  readonly #content: FusionQFormer;
  /** Maps of content and id vectors for CIC. */
  readonly #contentHead: Linear;
  readonly #idHead: Linear;
  readonly #dim: number;

  /**
   * @throws RangeError naming the option that is out of range, without features, or if the graph of items has another
   *   size, before a weight is created.
   */
  constructor(options: Em3Options) {
    const { data, itemGraph, dim = 64, layers = 2, itemLayers = 1, edgeDropout = 0.8 } = options;
    const { numQueries = 1, depth = 1, heads = 4, dropout = 0.5, seed } = options;
    const { weight = 1e-3, temperature = 2, negatives = 16 } = options.cic ?? {};
    assertWhole('Em3', { dim, numQueries, depth, heads, 'cic.negatives': negatives });
    assertWhole('Em3', { layers, itemLayers }, 0);
    assertHeads('Em3', { dim }, heads);
    assertNumber('Em3', { edgeDropout, dropout }, { below: 1 });
    assertNumber('Em3', { 'cic.weight': weight });
    assertNumber('Em3', { 'cic.temperature': temperature }, { above: true });
    assertSeed('Em3', seed);
    assertFeatures('Em3', data.features);
    assertItemGraph('Em3', itemGraph, data.numItems);
    this.#options = { ...options, layers, itemLayers };
    this.#cic = { weight, temperature, negatives };
    this.#dim = dim;
    this.#graph = new PrunedGraph({ data, rate: edgeDropout, seed: deriveSeed(seed, 'edges') });
    this.#features = new FeatureTensors(data.features);
    this.#embeddings = idEmbeddings(data, dim, deriveSeed(seed, 'embeddings'));
    const modalities = Object.fromEntries(Object.entries(data.features).map(([name, { dim: width }]) => [name, width]));
    const fusion = { modalities, dim, numQueries, depth, heads, dropout, seed: deriveSeed(seed, 'content') };
    this.#content = new FusionQFormer(publicForm(fusion));
    const head = (name: string) => new Linear({ inputDim: dim, outputDim: dim, seed: deriveSeed(seed, name) });
    this.#contentHead = head('contentHead');
    this.#idHead = head('idHead');
    this.parameters = collectParameters({
      embeddings: this.#embeddings,
      content: this.#content,
      contentHead: this.#contentHead,
      idHead: this.#idHead,
    });
  }

  startEpoch(epoch: number): void {
    this.#graph.startEpoch(epoch);
  }

  loss(batch: BprBatch, step: number): Scalar {
    const { data, seed } = this.#options;
    return tidy(() => {
      const { nodes, similar } = this.#forward(this.#graph.current, deriveSeed(seed, 'dropout', step));
      const { users, positives, negatives } = triplesOf(nodes, batch, data.numUsers);
      const near = pairsOf(similar, batch);
      const ranking = bprLoss(users, add(positives, near.positives), add(negatives, near.negatives));
      if (this.#cic.weight === 0) return ranking;
      const items = add(splitNodes(nodes, data).items, similar); // [I, 2 D]
      return add(ranking, mul(this.#contrast(items, step), this.#cic.weight)) as Scalar;
    });
  }

  vectors(): RetrievalVectors {
    return tidy(() => {
      const { nodes, similar } = this.#forward(this.#graph.full);
      const { users, items } = splitNodes(nodes, this.#options.data);
      return { users, items: add(items, similar) };
    });
  }

  /**
   * `[id; content]` of all nodes along the train interactions, `[U + I, 2 D]`, and of items along similar items,
   * `[I, 2 D]`. Both kinds take the same paths, so they pass at once.
   */
  #forward(graph: SparseMatrix, dropoutSeed?: number): { readonly nodes: Tensor; readonly similar: Tensor } {
    const { data, itemGraph, layers, itemLayers } = this.#options;
    const content = this.#fuse(dropoutSeed); // [I, D]
    const start = concat([zeros([data.numUsers, this.#dim]), content]); // [U + I, D]
    const both = concat([this.#embeddings as Tensor, start], 1); // [U + I, 2 D]
    const items = slice(both, [data.numUsers, 0], [data.numItems, 2 * this.#dim]); // [I, 2 D]
    return { nodes: propagate(graph, both, layers!), similar: passAlong(itemGraph, items, itemLayers!) };
  }

  /** Content embeddings of all items, `[I, D]`: one token per modality that the item has. */
  #fuse(dropoutSeed?: number): Tensor {
    const inputs: Record<string, ModalityTokens> = {};
    for (const [name, features] of this.#features.byModality) {
      const mask = this.#features.masks.get(name);
      const tokens = reshape(features, [features.shape[0], 1, features.shape[1]]); // [I, 1, width]
      inputs[name] = { tokens, ...(mask && { mask }) };
    }
    return this.#content.forward(inputs, dropoutSeed === undefined ? {} : { dropoutSeed }).vector;
  }

  /** CIC of all items. @param items `[I, 2 D]` */
  #contrast(items: Tensor, step: number): Scalar {
    const { temperature, negatives: drawn } = this.#cic;
    const [size] = items.shape as [number];
    const ids = this.#idHead.forward(slice(items, [0, 0], [size, this.#dim]));
    const content = this.#contentHead.forward(slice(items, [0, this.#dim], [size, this.#dim]));
    const seed = deriveSeed(this.#options.seed, 'negatives', step);
    return cic(content, ids, {
      temperature,
      negatives: { kind: 'sampled', count: drawn, seed, exclude: 'nothing' },
    });
  }

  dispose(): void {
    disposeParameters(this.parameters);
    this.#features.dispose();
    this.#graph.dispose();
  }
}
