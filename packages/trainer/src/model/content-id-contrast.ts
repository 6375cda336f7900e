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

/**
 * EM3's content-ID contrast (arXiv 2404.06078) over projections of both sides, `W_c content + b_c` and `W_i id + b_i`,
 * as in its public code.
 */
export class ContentIdContrast implements Module {
  readonly parameters: NamedParameters;
  readonly #content: Linear;
  readonly #ids: Linear;
  readonly #temperature: number;

  constructor({ dim, idDim, temperature, seed }: { dim: number; idDim: number; temperature: number; seed: number }) {
    this.#temperature = temperature;
    this.#content = new Linear({ inputDim: dim, outputDim: dim, seed: deriveSeed(seed, 'content') });
    this.#ids = new Linear({ inputDim: idDim, outputDim: dim, seed: deriveSeed(seed, 'ids') });
    this.parameters = collectParameters({ content: this.#content, ids: this.#ids });
  }

  /** @param content `[U, dim]` @param ids `[U, idDim]`: embeddings of the same items @returns a scalar */
  forward(content: Tensor, ids: Tensor): Scalar {
    return tidy(() => cic(this.#content.forward(content), this.#ids.forward(ids), { temperature: this.#temperature }));
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
