import { cic } from '@sifaka/losses';
import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
} from '@sifaka/nn';
import { type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { CicTrainingOptions } from './options.js';

export interface ContentIdContrastOptions extends Pick<CicTrainingOptions, 'temperature' | 'negatives'> {
  readonly dim: number;
  readonly idDim: number;
  readonly seed: number;
}

/**
 * EM3's content-ID contrast (arXiv 2404.06078) over projections of both sides, `W_c content + b_c` and `W_i id + b_i`,
 * as in its public code.
 */
export class ContentIdContrast implements Module {
  readonly parameters: NamedParameters;
  readonly #content: Linear;
  readonly #ids: Linear;
  readonly #options: Pick<CicTrainingOptions, 'temperature' | 'negatives'>;

  constructor({ dim, idDim, seed, ...options }: ContentIdContrastOptions) {
    this.#options = options;
    this.#content = new Linear({ inputDim: dim, outputDim: dim, seed: deriveSeed(seed, 'content') });
    this.#ids = new Linear({ inputDim: idDim, outputDim: dim, seed: deriveSeed(seed, 'ids') });
    this.parameters = collectParameters({ content: this.#content, ids: this.#ids });
  }

  /**
   * @param content `[U, dim]`: vectors of distinct items
   * @param ids `[U, idDim]`: embeddings of the same items
   * @param seed of the negatives, if they are drawn
   * @returns a scalar
   */
  forward(content: Tensor, ids: Tensor, seed: number): Scalar {
    const { temperature, negatives = { kind: 'all' } } = this.#options;
    const drawn = negatives.kind === 'all' ? negatives : { ...negatives, seed };
    return tidy(() => cic(this.#content.forward(content), this.#ids.forward(ids), { temperature, negatives: drawn }));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
