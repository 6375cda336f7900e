import { ShapeError } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The tokens of one modality of each item. */
export interface ModalityTokens {
  /** `[B, S, W]`. W is the modality's width if the option `modalities` gives widths, else that of the layers. */
  readonly tokens: Tensor;
  /** `[B, S]`: 1 for a token, 0 for padding; a row of zeros for an item without this modality. Default: all ones. */
  readonly mask?: Tensor;
}

/** Tokens by modality. An omitted modality is absent for the whole batch. */
export type ModalityInputs<Name extends string> = Readonly<Partial<Record<Name, ModalityTokens>>>;

/** What a module expects of its inputs. */
export interface ModalityRules<Name extends string> {
  readonly modalities: readonly Name[];
  /** Width of a modality's tokens. */
  readonly widthOf: (name: Name) => number;
  /** Largest number of tokens of a modality. Default: any. */
  readonly mostOf?: (name: Name) => number | undefined;
}

/**
 * Checks tokens and masks by modality.
 *
 * @param where module and method, for the message: `'FusionQFormer.forward'`.
 * @returns the batch size.
 * @throws {@link ShapeError} naming the modality if widths or batch sizes differ or a mask does not fit its tokens,
 *   RangeError for an unknown modality, no modality, or too many tokens.
 */
export function assertModalityInputs<Name extends string>(
  where: string,
  inputs: ModalityInputs<Name>,
  { modalities, widthOf, mostOf }: ModalityRules<Name>,
): number {
  const unknown = Object.keys(inputs).find((name) => !modalities.includes(name as Name));
  if (unknown !== undefined) {
    throw new RangeError(`${where}: expected modalities ${modalities.join(', ')}, got ${unknown}`);
  }
  let batch: number | undefined;
  for (const name of modalities) {
    const input = tokensOf(inputs, name);
    if (input === undefined) continue;
    const { tokens, mask } = input;
    const width = widthOf(name);
    batch ??= tokens.shape[0]!;
    if (tokens.rank !== 3 || tokens.shape[2] !== width || tokens.shape[0] !== batch) {
      throw new ShapeError(`${where}: ${name}`, `[${batch}, S, ${width}]`, tokens.shape);
    }
    const [, length] = tokens.shape as [number, number, number];
    if (mask !== undefined && mask.shape.join() !== `${batch},${length}`) {
      throw new ShapeError(`${where}: mask of ${name}`, `[${batch}, ${length}]`, mask.shape);
    }
    const most = mostOf?.(name) ?? Number.POSITIVE_INFINITY;
    if (length > most) throw new RangeError(`${where}: ${name}: expected at most ${most} tokens, got ${length}`);
  }
  if (batch === undefined) throw new RangeError(`${where}: expected at least one modality, got none`);
  return batch;
}

/** The input of a modality. Not `inputs[name]`, which finds a method for a modality named like one. */
export function tokensOf<Name extends string>(inputs: ModalityInputs<Name>, name: Name): ModalityTokens | undefined {
  return Object.hasOwn(inputs, name) ? inputs[name] : undefined;
}
