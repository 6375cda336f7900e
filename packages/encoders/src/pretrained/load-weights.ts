import { type Module, type PublishedEntry, type PublishedNames, planWeights } from '@sifaka/nn';
import type { PretrainedFiles, PretrainedWeights } from './pretrained-files.js';

/** Types that {@link PretrainedWeights} reads. */
const DTYPES = ['F32', 'F16', 'BF16'];

/** Parts of published files that no encoder has: heads of tasks, and buffers. */
const HEADS = /^(cls|classifier|lm_head|pre_classifier|qa_outputs|score|vocab_(transform|layer_norm|projector))\./;
const BUFFERS = /(^|\.)(position_ids|mask_token)$/;

export interface PublishedForm {
  readonly names: PublishedNames;
  /** What may stand before all names. The first that occurs is taken. Default: nothing. */
  readonly prefixes?: readonly string[];
  /** Other tensors that may be there, apart from heads and buffers; without prefix. */
  readonly surplus?: RegExp;
}

/**
 * Sets the weights of an encoder from a checkpoint. All names, shapes and types are checked before the first is read.
 *
 * @returns names of the tensors that the encoder does not use
 * @throws Error naming the weights that are missing, surplus or of another type, `ShapeError` for one of another shape.
 */
export async function loadWeights(
  where: string,
  encoder: Module,
  { weights }: PretrainedFiles,
  { names, prefixes = [''], surplus }: PublishedForm,
): Promise<readonly string[]> {
  const { entries, originalName } = modernNames(weights.entries);
  const prefix = findPrefix([...entries.keys()], names, prefixes);
  const { imports, ignored } = planWeights({
    where,
    parameters: encoder.parameters,
    names: prefixed(names, prefix),
    entries,
    dtypes: DTYPES,
    isSurplus: (name) =>
      HEADS.test(name) ||
      BUFFERS.test(name) ||
      (surplus?.test(name.startsWith(prefix) ? name.slice(prefix.length) : name) ?? false),
  });
  for (const { names, assign } of imports) {
    assign(await Promise.all(names.map((name) => weights.read(originalName(name)))));
  }
  return ignored.map(originalName);
}

/** Old files call the weight and the bias of a layer norm gamma and beta. */
function modernNames(entries: PretrainedWeights['entries']) {
  const modern = new Map<string, PublishedEntry>();
  const original = new Map<string, string>();
  for (const [name, entry] of entries) {
    const renamed = name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
    modern.set(renamed, entry);
    original.set(renamed, name);
  }
  return { entries: modern, originalName: (name: string) => original.get(name)! };
}

function findPrefix(present: readonly string[], names: PublishedNames, prefixes: readonly string[]): string {
  const stems = Object.values(names)
    .flatMap((given) => (typeof given === 'object' && 'layout' in given ? given.names : given))
    .map((name) => name.split('.*')[0]!);
  const counts = prefixes.map(
    (prefix) => stems.filter((stem) => present.some((name) => name.startsWith(`${prefix}${stem}`))).length,
  );
  return prefixes[counts.indexOf(Math.max(...counts))]!;
}

function prefixed(names: PublishedNames, prefix: string): PublishedNames {
  if (prefix === '') return names;
  const before = (list: string | readonly string[]) => [list].flat().map((name) => `${prefix}${name}`);
  return Object.fromEntries(
    Object.entries(names).map(([path, given]) => [
      path,
      typeof given === 'object' && 'layout' in given ? { ...given, names: before(given.names) } : before(given),
    ]),
  );
}
