import type { PretrainedFiles, PretrainedWeights } from '@sifaka/encoders';
import { sha256 } from '../run/digest.js';

/** Takes the SHA-256 of a checkpoint's weights while they are read, so that they are read once. */
export class WeightsDigest {
  /** To read from. */
  readonly weights: PretrainedWeights;
  readonly #files: PretrainedFiles;
  /** Of each tensor that was read, whatever the order. */
  readonly #tensors = new Map<string, string>();

  constructor(files: PretrainedFiles) {
    const { weights } = files;
    this.#files = files;
    this.weights = {
      entries: weights.entries,
      read: async (name) => {
        const values = await weights.read(name);
        this.#tensors.set(name, sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
        return values;
      },
    };
  }

  /** SHA-256 of the tensors that were read and of the configuration that determines what they compute. */
  value(): string {
    const { config, preprocessor = null } = this.#files;
    return sha256(JSON.stringify([config, preprocessor, [...this.#tensors].sort(([a], [b]) => (a < b ? -1 : 1))]));
  }
}
