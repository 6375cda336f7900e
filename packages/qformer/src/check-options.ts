import { assertChoice, assertHeads, assertNumber, assertSeed, assertWhole } from '@sifaka/nn';
import type { FusionQFormerOptions, NormOptions } from './options.js';

/** Options with defaults filled in. */
export interface ResolvedOptions<Name extends string> {
  readonly modalities: readonly Name[];
  /** Width of each modality's tokens that a linear map takes to `tokenDim`. */
  readonly widths: ReadonlyMap<string, number>;
  readonly dim: number;
  /** Width of the tokens as the layers read them. */
  readonly tokenDim: number;
  readonly numQueries: number;
  readonly depth: number;
  readonly heads: number;
  readonly outputDim: number;
  /** Layer `i` has cross-attention if `every` divides `i`. Undefined: joint self-attention. */
  readonly every: number | undefined;
  readonly typeEmbeddings: boolean;
  /** Number of position embeddings of each modality that has some. */
  readonly positions: ReadonlyMap<string, number>;
  /** Inner width of the feed-forward parts. Undefined: there are none. */
  readonly hiddenDim: number | undefined;
  readonly norm: Required<NormOptions>;
  readonly scale: number;
  readonly dropout: number;
  readonly seed: number;
}

/** @throws RangeError naming the option that is out of range. */
export function resolveOptions<Name extends string>(options: FusionQFormerOptions<Name>): ResolvedOptions<Name> {
  const { dim, numQueries = 2, depth = 1, heads = 4, outputDim = dim, seed } = options;
  const { typeEmbeddings = true, feedForward = false, scaleEpsilon = 0, dropout = 0 } = options;
  const { attention = { kind: 'joint' }, norm = { kind: 'post' } } = options;
  const { modalities, widths } = readModalities(options.modalities);

  assertWhole('FusionQFormer', { dim, numQueries, depth, heads, outputDim });
  assertHeads('FusionQFormer', { dim }, heads);
  assertChoice('FusionQFormer', { 'attention.kind': attention.kind }, ['joint', 'cross']);
  const { every = 2, tokenDim = dim } = attention.kind === 'cross' ? attention : {};
  assertWhole('FusionQFormer: attention', { every, tokenDim });
  assertChoice('FusionQFormer', { 'norm.kind': norm.kind }, ['post', 'pre']);
  const { kind, epsilon = 1e-5, queries = false } = norm;
  assertNumber('FusionQFormer: norm', { epsilon }, { above: true });
  assertFlag('typeEmbeddings', typeEmbeddings);
  assertFlag('norm.queries', queries);
  const hiddenDim = readFeedForward(feedForward, dim);
  const positions = new Map(Object.entries<number>({ ...options.positionEmbeddings }));
  const unknown = [...positions.keys()].find((name) => !modalities.includes(name as Name));
  if (unknown !== undefined) refuse(`positionEmbeddings of ${modalities.join(', ')}`, unknown);
  assertWhole('FusionQFormer: positionEmbeddings', Object.fromEntries(positions));
  assertNumber('FusionQFormer', { scaleEpsilon });
  assertNumber('FusionQFormer', { dropout }, { below: 1 });
  assertSeed('FusionQFormer', seed);
  return {
    modalities,
    widths,
    dim,
    tokenDim,
    numQueries,
    depth,
    heads,
    outputDim,
    every: attention.kind === 'cross' ? every : undefined,
    typeEmbeddings,
    positions,
    hiddenDim,
    norm: { kind, epsilon, queries },
    scale: 1 / Math.sqrt(dim / heads + scaleEpsilon),
    dropout,
    seed,
  };
}

function readModalities<Name extends string>(
  given: FusionQFormerOptions<Name>['modalities'],
): Pick<ResolvedOptions<Name>, 'modalities' | 'widths'> {
  if (typeof given !== 'object' || given === null) refuse('modalities to be names, or widths by name', given);
  const widths = new Map(isNames(given) ? [] : Object.entries<number>(given));
  const modalities = isNames(given) ? given : ([...widths.keys()] as Name[]);
  if (modalities.length === 0) refuse('at least one modality', 'none');
  const repeated = modalities.find((name, i) => modalities.indexOf(name) !== i);
  if (repeated !== undefined) refuse('every modality once', `${repeated} twice`);
  assertWhole('FusionQFormer: modalities', Object.fromEntries(widths));
  return { modalities, widths };
}

function isNames<Name extends string>(given: FusionQFormerOptions<Name>['modalities']): given is readonly Name[] {
  return Array.isArray(given);
}

function readFeedForward(given: boolean | { readonly hiddenDim: number }, dim: number): number | undefined {
  if (given === false) return undefined;
  if (given === true) return 4 * dim;
  if (typeof given !== 'object' || given === null) refuse('feedForward to be true, false or { hiddenDim }', given);
  const { hiddenDim } = given;
  assertWhole('FusionQFormer: feedForward', { hiddenDim });
  return hiddenDim;
}

function assertFlag(name: string, value: boolean): void {
  if (typeof value !== 'boolean') refuse(`${name} to be true or false`, value);
}

function refuse(expected: string, got: unknown): never {
  throw new RangeError(`FusionQFormer: expected ${expected}, got ${String(got)}`);
}
