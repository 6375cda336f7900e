import { deriveSeed, type SparseMatrix } from '@sifaka/nn';
import type { RetrievalData } from '../data/retrieval-data.js';
import { usersOf } from '../data/user-items.js';
import { pruneEdges } from './prune-edges.js';
import { type Edges, userItemGraph } from './user-item-graph.js';

export interface PrunedGraphOptions {
  readonly data: Pick<RetrievalData, 'numUsers' | 'numItems' | 'train'>;
  /** Share of edges that an epoch drops, in [0, 1). */
  readonly rate: number;
  readonly seed: number;
}

/** The graph of all train interactions, and the one of the running epoch, which lacks edges. */
export class PrunedGraph {
  /** For ranking. */
  readonly full: SparseMatrix;
  readonly #options: PrunedGraphOptions;
  readonly #edges: Edges;
  #current: SparseMatrix;

  constructor(options: PrunedGraphOptions) {
    const { numUsers, numItems, train } = options.data;
    this.#options = options;
    this.#edges = { users: usersOf(train), items: train.items };
    this.full = userItemGraph(numUsers, numItems, this.#edges);
    this.#current = this.full;
    this.startEpoch(0);
  }

  /** For training; degrees are those of the edges that are left. */
  get current(): SparseMatrix {
    return this.#current;
  }

  /** Draws the graph of an epoch. The same epoch gives the same graph. */
  startEpoch(epoch: number): void {
    const { data, rate, seed } = this.#options;
    if (rate === 0) return;
    const { numUsers, numItems } = data;
    const edges = pruneEdges(this.#edges, { numUsers, numItems, rate, seed: deriveSeed(seed, 'epoch', epoch) });
    if (this.#current !== this.full) this.#current.dispose();
    this.#current = userItemGraph(numUsers, numItems, edges);
  }

  dispose(): void {
    this.full.dispose();
    this.#current.dispose();
  }
}
