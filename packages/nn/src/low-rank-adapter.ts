import { keep, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertSeed } from './assert-options.js';
import { ColumnUpdates } from './column-updates.js';
import type { Linear } from './linear.js';
import { readLowRankFile, writeLowRankFile } from './low-rank-file.js';
import { type LowRankTarget, selectTargets } from './low-rank-targets.js';
import { assertLowRank, LowRankUpdate } from './low-rank-update.js';
import { joinPath, type Module, type NamedParameters } from './module.js';
import { importParameters } from './parameter-values.js';
import { deriveSeed } from './seed.js';

export interface LowRankAdapterOptions {
  /** `r` of every update: from 1 to the smaller side of every adapted weight. */
  readonly rank: number;
  /** `α`, above 0. Updates are multiplied by `α/r`. Default `rank`, a factor of 1. */
  readonly alpha?: number;
  /**
   * Which {@link Linear}s to adapt: whole paths, or ends of paths. `attention.input` is the packed projection of every
   * block; `query`, `key` and `value` are its parts, each with an update of its own. The empty path is the module
   * itself. Default: every Linear inside the module.
   */
  readonly targets?: readonly string[];
  readonly seed: number;
}

/**
 * LoRA (Hu et al., 2021, arXiv 2106.09685): a module learns by low-rank updates of its weights, while the weights
 * themselves stay as they are. Each adapted {@link Linear} computes `x W₀ + b + (α/r) x · down · up`; see
 * {@link LowRankUpdate} for the factors. At the start, the module computes exactly what it did before.
 *
 * Only the factors are in {@link parameters}. Give these to the optimizer and to `variableGrads`: TensorFlow.js then
 * computes no gradient of the frozen weights.
 *
 * The adapter changes the module in place and owns it from then on: call `adapter.module.forward(…)`, and dispose the
 * adapter alone. To keep training the module elsewhere, adapt a `frozenView()` of it. The view has updates, the
 * original has none.
 *
 * Not as in the paper: {@link SelfAttention} packs the query, key and value weights into one. The target
 * `attention.input` adapts it whole, so the three share one `down` and one rank; the targets `query`, `key` and `value`
 * adapt its parts, as the paper does. The paper adapts only the query and value weights in its experiments; here all
 * Linears are adapted unless `targets` says otherwise.
 */
export class LowRankAdapter<Adapted extends Module = Module> implements Module {
  /** The adapted module. */
  readonly module: Adapted;
  readonly rank: number;
  readonly alpha: number;
  /** Paths of the adapted Linears, and of their parts, in the module. */
  readonly targets: readonly string[];
  /** The factors: `blocks.0.attention.input.down`, `blocks.0.attention.input.up`, … */
  readonly parameters: NamedParameters;
  #parts: readonly Adaptation[];
  /** The weights before they were merged. */
  #unmerged: ReadonlyMap<Linear, Tensor> | undefined;

  /**
   * @throws RangeError if an option is out of range, a target does not exist, or two targets overlap, Error if a target
   *   is adapted already. Nothing is created or changed then.
   */
  constructor(module: Adapted, { rank, alpha = rank, targets, seed }: LowRankAdapterOptions) {
    const selected = selectTargets(module, targets);
    assertSeed('LowRankAdapter', seed);
    for (const { path, ...target } of selected) {
      assertLowRank(whereOf(path), { ...sidesOf(target), rank, alpha });
      if (adapted.has(target.linear))
        throw new Error(`${whereOf(path)}: expected a Linear without an update, got one that has`);
    }
    this.module = module;
    this.rank = rank;
    this.alpha = alpha;
    this.targets = selected.map(({ path }) => path);
    this.#parts = selected.map((target) => {
      const update = new LowRankUpdate({ ...sidesOf(target), rank, alpha, seed: deriveSeed(seed, target.path) });
      return { ...target, update };
    });
    this.parameters = new Map(
      this.#parts.flatMap(({ path, update }) =>
        [...update.parameters].map(([name, variable]) => [joinPath(path, name), variable] as const),
      ),
    );
    for (const { linear } of this.#parts) adapted.add(linear);
    this.#attach();
  }

  /** Whether the updates are part of the weights now. */
  get isMerged(): boolean {
    return this.#unmerged !== undefined;
  }

  /**
   * Adds the updates to the weights, `W = W₀ + (α/r) · down · up`, so that a forward pass costs what it did before.
   * The factors do not learn until {@link unmerge}, because no forward pass reads them.
   *
   * @throws Error if it is merged already, or if the weights belong to another module (`frozenView`).
   */
  merge(): void {
    if (this.isMerged) throw new Error('LowRankAdapter.merge: expected updates beside the weights, got merged ones');
    const shared = this.#parts.find(({ linear }) => linear.isFrozen);
    if (shared !== undefined) {
      const name = shared.path === '' ? 'the weight' : `the weight of ${shared.path}`;
      throw new Error(
        `LowRankAdapter.merge: expected weights of its own, got a frozenView: ${name} belongs to the module that was ` +
          'viewed, which would change too',
      );
    }
    const linears = new Set(this.#parts.map(({ linear }) => linear));
    this.#unmerged = new Map([...linears].map((linear) => [linear, keep(tidy(() => linear.weight.clone()))]));
    for (const linear of linears) {
      tidy(() => linear.weight.assign(linear.effectiveWeight()));
      linear.update = undefined;
    }
  }

  /**
   * Takes the updates out of the weights again. The weights are those of before {@link merge}, bit for bit, because it
   * keeps a copy. Changes that were made to them in between are lost.
   *
   * @throws Error if it is not merged.
   */
  unmerge(): void {
    if (this.#unmerged === undefined) {
      throw new Error('LowRankAdapter.unmerge: expected merged updates, got updates beside the weights');
    }
    for (const [linear, weight] of this.#unmerged) {
      linear.weight.assign(weight);
      weight.dispose();
    }
    this.#unmerged = undefined;
    this.#attach();
  }

  /** A safetensors file of the factors. Its metadata are the rank, `α` and the targets. The weights are not in it. */
  save(): Uint8Array {
    return writeLowRankFile(this);
  }

  /**
   * Sets the factors from a file of {@link save}. The weights must be those with which the factors were trained, which
   * the file cannot prove.
   *
   * @throws Error naming what differs if the file is of another model: rank, `α`, names, shapes. Error if the updates
   *   are merged. Nothing is changed then.
   */
  load(bytes: Uint8Array): void {
    if (this.isMerged) throw new Error('LowRankAdapter.load: expected updates beside the weights, got merged ones');
    importParameters(this.parameters, readLowRankFile(bytes, this));
  }

  /** Disposes the factors and the module. A viewed module is not touched. */
  dispose(): void {
    for (const { linear, update } of this.#parts) {
      update.dispose();
      linear.update = undefined;
      adapted.delete(linear);
    }
    this.#parts = [];
    for (const copy of this.#unmerged?.values() ?? []) copy.dispose();
    this.#unmerged = undefined;
    this.module.dispose();
  }

  /** Puts each update beside its weight. */
  #attach(): void {
    const byLinear = new Map<Linear, Adaptation[]>();
    for (const part of this.#parts) byLinear.set(part.linear, [...(byLinear.get(part.linear) ?? []), part]);
    for (const [linear, parts] of byLinear) {
      const [first] = parts as [Adaptation];
      const columns = parts.flatMap((part) => (part.columns === undefined ? [] : [{ ...part, columns: part.columns }]));
      linear.update = first.columns === undefined ? first.update : new ColumnUpdates(shapeOf(linear), columns);
    }
  }
}

interface Adaptation extends LowRankTarget {
  readonly update: LowRankUpdate;
}

/** The Linears that have an adapter, merged or not. */
const adapted = new WeakSet<Linear>();

function whereOf(path: string): string {
  return path === '' ? 'LowRankAdapter' : `LowRankAdapter: ${path}`;
}

function shapeOf({ weight }: Linear): [inputDim: number, outputDim: number] {
  return weight.shape as [number, number];
}

function sidesOf({ linear, columns }: Omit<LowRankTarget, 'path'>) {
  const [inputDim, outputDim] = shapeOf(linear);
  return { inputDim, outputDim: columns?.count ?? outputDim };
}
