import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createLogger, type Plugin } from 'vite';
import { browserEntries } from './browser-entries.js';
import { encodePosters } from './encode-posters.js';
import { itemIds, ratingsCsv } from './red-films.js';

const ROOT = fileURLToPath(new URL('../page', import.meta.url));
const PAGES = ['index.html', 'guide.html', 'worker.html'];
const ENTRIES = 'virtual:browser-entries';

/**
 * Bundles the pages of `page/` into `folder` as a user of Vite does: from the built packages, for production.
 *
 * @throws Error with all of Vite's warnings, such as modules of Node that Vite leaves out.
 */
export async function buildSite(folder: string): Promise<void> {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const environment = process.env['NODE_ENV'];
  delete process.env['NODE_ENV']; // Vitest sets it to `test`. Without it, Vite makes a production build.
  try {
    await build({
      configFile: false,
      root: ROOT,
      logLevel: 'warn',
      customLogger: { ...createLogger('silent'), warn, warnOnce: warn, error: warn },
      plugins: [entriesModule(), siteFiles()],
      build: {
        outDir: folder,
        emptyOutDir: true,
        chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
        rolldownOptions: {
          input: PAGES.map((page) => path.join(ROOT, page)),
          checks: { bundlerTimings: false }, // A slow machine is no fault of the packages.
        },
      },
    });
  } finally {
    if (environment !== undefined) process.env['NODE_ENV'] = environment;
  }
  if (warnings.length > 0) throw new Error(`buildSite: expected no warnings from Vite, got\n${warnings.join('\n')}`);
}

/** A module that imports every browser entry whole, so that no part of it is left out of the bundle. */
function entriesModule(): Plugin {
  return {
    name: 'browser-entries',
    resolveId: (id) => (id === ENTRIES ? `\0${ENTRIES}` : undefined),
    load(id) {
      if (id !== `\0${ENTRIES}`) return undefined;
      const entries = browserEntries();
      return [
        ...entries.map((entry, i) => `import * as entry${i} from '${entry}';`),
        `export const entries = { ${entries.map((entry, i) => `'${entry}': entry${i}`).join(', ')} };`,
      ].join('\n');
    },
  };
}

/** The files that the guide fetches. */
function siteFiles(): Plugin {
  return {
    name: 'site-files',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'ratings.csv', source: ratingsCsv() });
      const posters = await encodePosters();
      for (const [item, id] of itemIds().entries()) {
        this.emitFile({ type: 'asset', fileName: `posters/${id}.png`, source: posters[item]! });
      }
    },
  };
}
