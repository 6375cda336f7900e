import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Namespaces of TensorFlow.js that hold operations: `fused.matMul`. */
const NAMESPACES = ['fused', 'image', 'linalg', 'losses', 'signal', 'sparse', 'spectral', 'string', 'train'];

/** Names of TensorFlow.js that the packages and apps use, each with the files that use it. */
export interface SourceNames {
  /** Values imported from `@tensorflow/tfjs-core`, without types. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** Kernels that are run by name. */
  readonly kernels: ReadonlyMap<string, readonly string[]>;
}

/** @throws Error if a file imports all of TensorFlow.js under one name, which would hide the names that it uses. */
export function readSourceNames(): SourceNames {
  const imports = new Map<string, string[]>();
  const kernels = new Map<string, string[]>();
  for (const file of sourceFiles()) {
    const code = readFileSync(path.join(ROOT, file), 'utf8');
    for (const name of importedValues(file, code).flatMap((each) => membersOf(each, code))) {
      imports.set(name, [...(imports.get(name) ?? []), file]);
    }
    for (const [, name] of code.matchAll(/\b(?:runKernel|engineKernel)(?:<[^>(]*>)?\(\s*'(\w+)'/g)) {
      kernels.set(name!, [...(kernels.get(name!) ?? []), file]);
    }
  }
  return { imports, kernels };
}

function importedValues(file: string, code: string): string[] {
  const names: string[] = [];
  for (const [statement, onlyTypes, clause] of code.matchAll(
    /^(?:import|export)\s+(type\s)?\s*([^'";]*?)\s*from '@tensorflow\/tfjs(?:-core)?[^']*'/gm,
  )) {
    if (onlyTypes !== undefined) continue;
    if (!clause!.startsWith('{')) throw new Error(`${file}: expected names in braces, got ${statement}`);
    const entries = clause!.slice(1, -1).split(',');
    for (const entry of entries.map((each) => each.trim())) {
      if (entry !== '' && !entry.startsWith('type ')) names.push(entry.split(' as ')[0]!.trim());
    }
  }
  return names;
}

function membersOf(name: string, code: string): string[] {
  if (!NAMESPACES.includes(name)) return [name];
  const members = Array.from(
    code.matchAll(new RegExp(`\\b${name}\\.(\\w+)\\(`, 'g')),
    ([, member]) => `${name}.${member}`,
  );
  return [...new Set(members)];
}

function sourceFiles(): string[] {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(path.join(ROOT, group)).flatMap((name) => {
      const folder = path.join(group, name, 'src');
      return listFiles(folder).filter((file) => /\.(ts|mts|js|mjs)$/.test(file));
    }),
  );
}

function listFiles(folder: string): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? listFiles(file) : [file];
  });
}
