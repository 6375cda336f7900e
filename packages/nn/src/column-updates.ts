import { concat, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Columns } from './columns.js';
import type { LinearUpdate } from './linear.js';
import type { LowRankUpdate } from './low-rank-update.js';
import { joinPath, type NamedParameters } from './module.js';

/** A low-rank update of some columns of a weight. */
export interface ColumnUpdate {
  readonly path: string;
  readonly columns: Columns;
  readonly update: LowRankUpdate;
}

/** Low-rank updates of separate columns of one weight: those of queries and of values in a packed projection. */
export class ColumnUpdates implements LinearUpdate {
  readonly parameters: NamedParameters;
  readonly #inputDim: number;
  readonly #outputDim: number;
  /** By first column. They do not overlap. */
  readonly #updates: readonly ColumnUpdate[];

  constructor([inputDim, outputDim]: readonly [number, number], updates: readonly ColumnUpdate[]) {
    this.#inputDim = inputDim;
    this.#outputDim = outputDim;
    this.#updates = [...updates].sort((a, b) => a.columns.from - b.columns.from);
    this.parameters = new Map(
      updates.flatMap(({ path, update }) =>
        [...update.parameters].map(([name, variable]) => [joinPath(path, name), variable] as const),
      ),
    );
  }

  /** @param x `[..., inputDim]` @returns `[..., columns.count]`, zeros where no update is. */
  forward(x: Tensor, columns: Columns = { from: 0, count: this.#outputDim }): Tensor {
    const leading = x.shape.slice(0, -1);
    return tidy(() => this.#assemble(columns, leading, (update, part) => update.forward(x, part)));
  }

  /** @returns `[inputDim, outputDim]` */
  weight(): Tensor {
    return tidy(() => {
      const columns = { from: 0, count: this.#outputDim };
      return this.#assemble(columns, [this.#inputDim], (update) => update.weight());
    });
  }

  /** Puts the requested columns of all updates side by side, with zeros between them. */
  #assemble(
    { from, count }: Columns,
    leading: readonly number[],
    read: (update: LowRankUpdate, part: Columns) => Tensor,
  ): Tensor {
    const parts: Tensor[] = [];
    let next = from;
    const fill = (to: number) => {
      if (to > next) parts.push(zeros([...leading, to - next]));
      next = Math.max(next, to);
    };
    for (const { columns, update } of this.#updates) {
      const first = Math.max(from, columns.from);
      const end = Math.min(from + count, columns.from + columns.count);
      if (first >= end) continue;
      fill(first);
      parts.push(read(update, { from: first - columns.from, count: end - first }));
      next = end;
    }
    fill(from + count);
    return parts.length === 1 ? parts[0]! : concat(parts, -1);
  }
}
