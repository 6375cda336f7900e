import {
  collectParameters,
  deriveSeed,
  disposeParameters,
  Linear,
  type Module,
  type NamedParameters,
  parameter,
  ShapeError,
  smallNormal,
  stopGradient,
} from '@sifaka/nn';
import { add, cast, concat, ones, slice, type Tensor, tidy, type Variable, zeros } from '@tensorflow/tfjs-core';
import type { ResolvedOptions } from './check-options.js';
import type { Tokens } from './fusion-layer.js';

/** The tokens of one modality of each item. */
export interface ModalityTokens {
  /** `[B, S, W]`. W is the modality's width if the option `modalities` gives widths, else that of the layers. */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 for a token, 0 for padding; a row of zeros for an item without this modality. Default: all ones. */
  readonly mask?: Tensor;
}

/** Tokens by modality. An omitted modality is absent for the whole batch. */
export type ModalityInputs<Name extends string> = Readonly<Partial<Record<Name, ModalityTokens>>>;

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
    const batch = this.#check(inputs);
    const { modalities, tokenDim } = this.#options;
    return tidy(() => {
      const parts: Tensor[] = [];
      const masks: Tensor[] = [];
      for (const [i, name] of modalities.entries()) {
        const input = given(inputs, name);
        if (input === undefined || input.tokens.shape[1] === 0) continue;
        const length = input.tokens.shape[1]!;
        let tokens = this.#projections.get(name)?.forward(input.tokens) ?? input.tokens; // [B, S, tokenDim]
        if (this.#types !== undefined) tokens = add(tokens, slice(this.#read(this.#types), [i, 0], [1, tokenDim]));
        const positions = this.#positions.get(name);
        if (positions !== undefined) tokens = add(tokens, slice(this.#read(positions), [0, 0], [length, tokenDim]));
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

  /** @returns the batch size. */
  #check(inputs: ModalityInputs<Name>): number {
    const { modalities, widths, tokenDim, positions } = this.#options;
    const unknown = Object.keys(inputs).find((name) => !modalities.includes(name as Name));
    if (unknown !== undefined) {
      throw new RangeError(`FusionQFormer.forward: expected modalities ${modalities.join(', ')}, got ${unknown}`);
    }
    let batch: number | undefined;
    for (const name of modalities) {
      const input = given(inputs, name);
      if (input === undefined) continue;
      const { tokens, mask } = input;
      const width = widths.get(name) ?? tokenDim;
      batch ??= tokens.shape[0]!;
      if (tokens.rank !== 3 || tokens.shape[2] !== width || tokens.shape[0] !== batch) {
        throw new ShapeError(`FusionQFormer.forward: ${name}`, `[${batch}, S, ${width}]`, tokens.shape);
      }
      const [, length] = tokens.shape as [number, number, number];
      if (mask !== undefined && mask.shape.join() !== `${batch},${length}`) {
        throw new ShapeError(`FusionQFormer.forward: mask of ${name}`, `[${batch}, ${length}]`, mask.shape);
      }
      const most = positions.get(name) ?? Number.POSITIVE_INFINITY;
      if (length > most) {
        throw new RangeError(`FusionQFormer.forward: ${name}: expected at most ${most} tokens, got ${length}`);
      }
    }
    if (batch === undefined) throw new RangeError('FusionQFormer.forward: expected at least one modality, got none');
    return batch;
  }
}

/** Not `inputs[name]`, which finds a method for a modality named like one. */
function given<Name extends string>(inputs: ModalityInputs<Name>, name: Name): ModalityTokens | undefined {
  return Object.hasOwn(inputs, name) ? inputs[name] : undefined;
}
