import type { Columns } from './columns.js';
import { Linear } from './linear.js';
import { joinPath, type Module, namedModules } from './module.js';
import { quoted } from './quoted.js';

/** Columns of a {@link Linear} that have a name of their own, such as the queries in a packed projection. */
export interface PackedColumns {
  readonly linear: Linear;
  readonly columns: Columns;
}

/** A module whose Linears hold several projections side by side. */
export interface PackedModule extends Module {
  /** By name: `query`, `key`, `value`. */
  readonly packed: Readonly<Record<string, PackedColumns>>;
}

/** What a low-rank update is added to: a whole weight, or columns of it. */
export interface LowRankTarget {
  readonly path: string;
  readonly linear: Linear;
  /** Absent: all. */
  readonly columns?: Columns;
}

/**
 * The targets inside a module that have one of the names: the whole path, or its end. Without names: every whole
 * Linear.
 *
 * @throws RangeError listing what there is if a name is unknown, or if two names mean the same columns.
 */
export function selectTargets(module: Module, names: readonly string[] | undefined): LowRankTarget[] {
  const all = listTargets(module);
  if (all.length === 0) throw new RangeError('LowRankAdapter: expected a module with a Linear inside, got one without');
  if (names === undefined) return all.filter(({ columns }) => columns === undefined);
  const paths = all.map(({ path }) => path);
  const unknown = unknownTarget(paths, names);
  if (unknown !== undefined || names.length === 0) {
    const known = paths.map((path) => `'${path}'`).join(', ');
    const got = unknown === undefined ? 'none' : `'${quoted(unknown)}'`;
    throw new RangeError(`LowRankAdapter: expected targets among ${known}, got ${got}`);
  }
  const chosen = all.filter(({ path }) => names.some((name) => isNamed(path, name)));
  for (const { path, linear, columns } of chosen) {
    const whole = columns && chosen.find((other) => other.linear === linear && other.columns === undefined);
    if (whole === undefined) continue;
    throw new RangeError(`LowRankAdapter: expected '${whole.path}' or its part '${path}' as a target, got both`);
  }
  return chosen;
}

/** Paths of all targets inside a module: `blocks.0.attention.query`, … */
export function targetPaths(module: Module): string[] {
  return listTargets(module).map(({ path }) => path);
}

/** The first name that matches no path: it is neither one of them nor the end of one. */
export function unknownTarget(paths: readonly string[], names: readonly string[]): string | undefined {
  return names.find((name) => !paths.some((path) => isNamed(path, name)));
}

/** Paths of the targets in a `TransformerBlock`, for checks before a block exists. */
export const BLOCK_TARGETS: readonly string[] = [
  'attention.input',
  'attention.output',
  'feedForward.expand',
  'feedForward.contract',
  'attention.query',
  'attention.key',
  'attention.value',
];

function listTargets(module: Module): LowRankTarget[] {
  const byLinear = new Map<Linear, string>(); // a Linear that is used twice has one path, the last
  const parts = new Map<string, LowRankTarget>();
  for (const [path, inner] of namedModules(module)) {
    if (inner instanceof Linear) byLinear.set(inner, path);
    if (!isPacked(inner)) continue;
    for (const [name, packed] of Object.entries(inner.packed)) {
      const part = joinPath(path, name);
      parts.set(part, { path: part, ...packed });
    }
  }
  return [...[...byLinear].map(([linear, path]) => ({ path, linear })), ...parts.values()];
}

function isNamed(path: string, name: string): boolean {
  return path === name || (name !== '' && path.endsWith(`.${name}`));
}

function isPacked(module: Module): module is PackedModule {
  return 'packed' in module;
}
