import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  smallNormal,
  stopGradient,
} from '@sifaka/nn';
import { add, cast, concat, ones, slice, type Tensor, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';
import type { ResolvedOptions } from './check-options.js';
import type { Tokens } from './fusion-layer.js';
import { assertModalityInputs, type ModalityInputs, tokensOf } from './modality-inputs.js';

/**
 * Brings the tokens of all modalities to one width and puts them end to end: `[S₁; S₂; …]`. Each token is
 * `W_m x + b_m + type_m + position_{m,s}`, of which the options leave out any part.
 */
export class ModalityEmbedding<Name extends string> implements Module {
  readonly parameters: NamedParameters;
  /** Variables and modules by path, for {@link collectParameters} of the model. */
  readonly parts: Readonly<Record<string, Variable | Linear>>;
  readonly #options: ResolvedOptions<Name>;
  readonly #isFrozen: boolean;
  readonly #projections: ReadonlyMap<string, Linear>;
  readonly #types: Variable | undefined;
  readonly #positions: ReadonlyMap<string, Variable>;

  /** @param base makes a {@link frozenView} of it instead of new weights. */
  constructor(options: ResolvedOptions<Name>, base?: ModalityEmbedding<Name>) {
    const { modalities, widths, tokenDim, typeEmbeddings, positions, seed } = options;
    this.#options = options;
    const shared = base && { projections: base.#projections, types: base.#types, positions: base.#positions };
    this.#projections = new Map(
      [...widths].map(([name, width]) => [
        name,
        shared?.projections.get(name)?.frozenView() ??
          new Linear({ inputDim: width, outputDim: tokenDim, seed: deriveSeed(seed, 'projections', name) }),
      ]),
    );
    this.#isFrozen = base !== undefined;
    this.#types = typeEmbeddings
      ? (shared?.types ?? parameter(() => smallNormal([modalities.length, tokenDim], deriveSeed(seed, 'types'))))
      : undefined;
    this.#positions = new Map(
      [...positions].map(([name, length]) => [
        name,
        shared?.positions.get(name) ??
          parameter(() => smallNormal([length, tokenDim], deriveSeed(seed, 'positions', name))),
      ]),
    );
    const projections = Object.fromEntries(
      [...this.#projections].map(([name, linear]) => [`projections.${name}`, linear]),
    );
    const vectors = Object.fromEntries([...this.#positions].map(([name, each]) => [`positions.${name}`, each]));
    this.parts = this.#isFrozen
      ? projections
      : { ...(this.#types && { types: this.#types }), ...projections, ...vectors };
    this.parameters = collectParameters(this.parts);
  }

  /**
   * @returns tokens `[B, S, tokenDim]` and their mask. S may be 0.
   * @throws {@link ShapeError} if widths or batch sizes differ, RangeError for an unknown modality, no modality, or
   *   more tokens than position embeddings.
   */
  forward(inputs: ModalityInputs<Name>): Tokens {
    const { modalities, widths, tokenDim, positions } = this.#options;
    const batch = assertModalityInputs('FusionQFormer.forward', inputs, {
      modalities,
      widthOf: (name) => widths.get(name) ?? tokenDim,
      mostOf: (name) => positions.get(name),
    });
    return tidy(() => {
      const parts: Tensor[] = [];
      const masks: Tensor[] = [];
      for (const [i, name] of modalities.entries()) {
        const input = tokensOf(inputs, name);
        if (input === undefined || input.tokens.shape[1] === 0) continue;
        const length = input.tokens.shape[1]!;
        let tokens = this.#projections.get(name)?.forward(input.tokens) ?? input.tokens; // [B, S, tokenDim]
        if (this.#types !== undefined) tokens = add(tokens, slice(this.#read(this.#types), [i, 0], [1, tokenDim]));
        const places = this.#positions.get(name);
        if (places !== undefined) tokens = add(tokens, slice(this.#read(places), [0, 0], [length, tokenDim]));
        parts.push(tokens);
        // Some engines join only tensors of one type.
        masks.push(input.mask === undefined ? ones([batch, length]) : cast(input.mask, 'float32'));
      }
      if (parts.length === 0) return { tokens: zeros([batch, 0, tokenDim]), mask: zeros([batch, 0]) };
      return { tokens: concat(parts, 1), mask: concat(masks, 1) };
    });
  }

  /** A second embedding with the same weights as constants; see `Linear.frozenView` of @sifaka/nn. */
  frozenView(): ModalityEmbedding<Name> {
    return new ModalityEmbedding(this.#options, this);
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }

  #read(variable: Variable): Tensor {
    return this.#isFrozen ? stopGradient(variable) : variable;
  }
}
