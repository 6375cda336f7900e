import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Entries that need Node, and why. Every other entry of a package must load in a browser. */
export const NODE_ONLY: Readonly<Record<string, string>> = {
  '@sifaka/backend/internal': 'not published: internal units for the tests of this repository',
  '@sifaka/cli': 'a command line: files, terminal, signals',
  '@sifaka/data/tables': 'reads files, Parquet through DuckDB',
  '@sifaka/encoders/node': 'decodes image files with sharp, and tokenizes with a native package',
  '@sifaka/memory-bank/lmdb': 'stores rows in LMDB, a native package',
  '@sifaka/memory-bank/redis': 'opens sockets to a Redis server',
  '@sifaka/retrieval/mmrec': 'reads folders of MMRec',
  '@sifaka/trainer': 'writes checkpoints and reports; @sifaka/trainer/model is its part for browsers',
};

const PACKAGES = new URL('../../../packages/', import.meta.url);

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Every module that a package exports, such as `@sifaka/data` and `@sifaka/data/tables`, sorted. */
export function packageEntries(): readonly string[] {
  return readdirSync(fileURLToPath(PACKAGES))
    .flatMap((folder) => {
      const { name, exports } = readManifest(folder);
      return Object.keys(exports)
        .filter((subpath) => subpath !== './package.json')
        .map((subpath) => name + subpath.slice(1));
    })
    .sort();
}

/** The entries that must load in a browser, sorted. */
export function browserEntries(): readonly string[] {
  return packageEntries().filter((entry) => !(entry in NODE_ONLY));
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, PACKAGES), 'utf8'));
}
