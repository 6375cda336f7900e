// Loads a module of this folder, and the packages that it imports, from their TypeScript sources. No build is needed.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

export async function loadSource(module) {
  const vite = await createViteServer({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null, ws: false, hmr: false },
    optimizeDeps: { noDiscovery: true },
    ssr: { noExternal: [/^@sifaka\//], resolve: { conditions: ['@sifaka/source'] } },
  });
  return vite.ssrLoadModule(module);
}
