import { concat, reshape, slice, type Tensor, tensor, tidy, transpose, type Variable } from '@tensorflow/tfjs-core';
import type { NamedParameters } from './module.js';
import { ShapeError } from './shape-error.js';

/** How a published tensor holds the values of a parameter. */
export type PublishedLayout =
  /** As the parameter. Several tensors stand side by side in it, along its last axis. */
  | { readonly kind: 'same' }
  /** A matrix `[out, in]`, as PyTorch's linear maps have it. Several make the columns of `[in, out]`. */
  | { readonly kind: 'transposed' }
  /** As the parameter, after an axis of size 1. */
  | { readonly kind: 'leadingAxis' }
  /** A convolution `[out, channels, size, size]`. The parameter maps the pixels `(y, x, channel)` of a patch. */
  | { readonly kind: 'patches'; readonly channels: number; readonly size: number }
  /** Rows `from` and on of a tensor with `of` rows; `[out, in]` if it is a matrix. */
  | { readonly kind: 'rows'; readonly from: number; readonly of: number }
  /** Another shape. `convert` makes the parameter of it. Default: the same values in order. */
  | {
      readonly kind: 'converted';
      readonly shape: readonly number[];
      readonly convert?: (values: Tensor) => Tensor;
    };

/** Published tensors that make up one parameter. */
export interface PublishedTensors {
  readonly names: readonly string[];
  readonly layout: PublishedLayout;
}

/**
 * Published names of a module's weights, by its paths. `*` stands for the number of a block, in paths and names.
 *
 * The path of a `Linear` or `LayerNorm` stands for its parameters: `weight` and `bias` are appended to the names, and
 * matrices are transposed. Several names stand side by side in ours, such as query, key and value. Other paths are
 * those of single parameters, which have the same shape unless a layout is given.
 */
export type PublishedNames = Readonly<Record<string, string | readonly string[] | PublishedTensors>>;

/** What is known of a published tensor before its values are read. */
export interface PublishedEntry {
  readonly shape: readonly number[];
  /** `F32`, … as in safetensors files. */
  readonly dtype: string;
}

/** One parameter, and where its values come from. */
export interface WeightImport {
  readonly path: string;
  readonly names: readonly string[];
  /** Sets the parameter. @param values of the tensors `names`, in their published shapes. */
  assign(values: readonly Float32Array[]): void;
}

export interface PlanWeightsOptions {
  /** Function or file, for messages. */
  readonly where: string;
  readonly parameters: NamedParameters;
  readonly names: PublishedNames;
  readonly entries: ReadonlyMap<string, PublishedEntry>;
  /** Types that the reader of values can read. Default `['F32']`. */
  readonly dtypes?: readonly string[];
  /** Whether a tensor that no parameter is made of is known to be surplus. Default: none is. */
  readonly isSurplus?: (name: string) => boolean;
}

/** What an import will do. Nothing has changed yet. */
export interface WeightPlan {
  readonly imports: readonly WeightImport[];
  /** Names of the known surplus tensors that are there. */
  readonly ignored: readonly string[];
}

/**
 * Finds the tensors of a checkpoint by their published names, and checks that all are there, have the right shapes and
 * types, and that no other is.
 *
 * @throws Error naming the parameter that has no published name, or the weights that are missing, surplus or of another
 *   type; {@link ShapeError} for one of another shape.
 */
export function planWeights(options: PlanWeightsOptions): WeightPlan {
  const { where, parameters, names, entries, dtypes = ['F32'], isSurplus = () => false } = options;
  const planned = [...parameters].map(([path, variable]) => {
    const tensors = tensorsOf(path, variable, names);
    if (tensors === undefined)
      throw new Error(`${where}: expected a model of the published form, got one with ${path}`);
    return { path, variable, ...tensors };
  });
  const expected = new Set(planned.flatMap(({ names }) => names));
  const missing = [...expected].filter((name) => !entries.has(name));
  if (missing.length > 0) throw new Error(`${where}: expected weights named ${listed(missing)}, got none`);
  const others = [...entries.keys()].filter((name) => !expected.has(name));
  const surplus = others.filter((name) => !isSurplus(name));
  if (surplus.length > 0) throw new Error(`${where}: expected only the weights of this model, got ${listed(surplus)}`);
  for (const { variable, names, layout } of planned) {
    const shape = publishedShape(variable, names.length, layout);
    for (const name of names) {
      const entry = entries.get(name)!;
      if (entry.shape.join() !== shape.join()) {
        throw new ShapeError(`${where}: ${name}`, `[${shape.join(', ')}]`, entry.shape);
      }
      if (!dtypes.includes(entry.dtype)) {
        throw new Error(`${where}: ${name}: expected ${listed(dtypes, ' or ')}, got ${entry.dtype}`);
      }
    }
  }
  const imports = planned.map(({ path, variable, names, layout }) => ({
    path,
    names,
    assign: (values: readonly Float32Array[]) => {
      const shape = publishedShape(variable, names.length, layout);
      const count = shape.reduce((product, axis) => product * axis, 1);
      for (const [i, { length }] of values.entries()) {
        if (length !== count) throw new Error(`${where}: ${names[i]}: expected ${count} values, got ${length}`);
      }
      tidy(() => {
        const parts = values.map((part) => arranged(tensor(part, [...shape]), variable, layout));
        variable.assign(reshape(parts.length === 1 ? parts[0]! : concat(parts, -1), variable.shape));
      });
    },
  }));
  return { imports, ignored: others };
}

/** `blocks.0.norm.scale` → the names under `blocks.*.norm.scale` or `blocks.*.norm`. */
function tensorsOf(path: string, variable: Variable, names: PublishedNames): PublishedTensors | undefined {
  const numbers = path.match(/(?<=\.|^)\d+(?=\.|$)/g) ?? [];
  const pattern = path.replaceAll(/(?<=\.|^)\d+(?=\.|$)/g, '*');
  const numbered = (name: string) => {
    let at = 0;
    return name.replaceAll('*', () => numbers[at++]!);
  };
  if (Object.hasOwn(names, pattern)) {
    const given = names[pattern]!;
    if (typeof given === 'object' && 'layout' in given) return { ...given, names: given.names.map(numbered) };
    return { names: [given].flat().map(numbered), layout: { kind: 'same' } };
  }
  const [, place, kind] = /^(.+)\.(\w+)$/.exec(pattern) ?? [];
  if (place === undefined || !Object.hasOwn(names, place)) return undefined;
  const suffix = kind === 'weight' || kind === 'scale' ? 'weight' : 'bias';
  const given = names[place] as string | readonly string[];
  return {
    names: [given].flat().map((name) => `${numbered(name)}.${suffix}`),
    layout: { kind: variable.rank === 2 ? 'transposed' : 'same' },
  };
}

/** The shape of each of `count` tensors that make up a parameter. */
function publishedShape({ shape }: Variable, count: number, layout: PublishedLayout): readonly number[] {
  const width = shape.at(-1)! / count;
  switch (layout.kind) {
    case 'same':
      return [...shape.slice(0, -1), width];
    case 'transposed':
      return [width, shape[0]!];
    case 'leadingAxis':
      return [1, ...shape];
    case 'patches':
      return [width, layout.channels, layout.size, layout.size];
    case 'rows':
      return shape.length === 2 ? [layout.of, shape[0]!] : [layout.of];
    case 'converted':
      return layout.shape;
  }
}

/** A published tensor in the layout of the parameter. */
function arranged(values: Tensor, { shape }: Variable, layout: PublishedLayout): Tensor {
  switch (layout.kind) {
    case 'same':
    case 'leadingAxis':
      return values;
    case 'transposed':
      return transpose(values);
    case 'patches':
      return reshape(transpose(values, [2, 3, 1, 0]), [-1, values.shape[0]!]);
    case 'rows': {
      const rows = slice(values, layout.from, shape.at(-1)!);
      return rows.rank === 2 ? transpose(rows) : rows;
    }
    case 'converted':
      return layout.convert?.(values) ?? values;
  }
}

const MOST_LISTED = 5;

function listed(names: readonly string[], separator = ', '): string {
  const more = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(separator) + (more > 0 ? ` and ${more} more` : '');
}
