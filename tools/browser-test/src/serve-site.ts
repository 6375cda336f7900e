import { type PreviewServer, preview } from 'vite';

/** Headers that make a page cross-origin isolated, so that its threads may share memory. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Serves a built site by plain HTTP, to this machine only. */
export class SiteServer {
  readonly #server: PreviewServer;

  private constructor(server: PreviewServer) {
    this.#server = server;
  }

  static async start(folder: string, { isolated = false } = {}): Promise<SiteServer> {
    const server = await preview({
      configFile: false,
      root: folder,
      logLevel: 'silent',
      appType: 'mpa', // A missing file is an error, not the start page.
      build: { outDir: folder },
      preview: { host: '127.0.0.1', port: 0, headers: isolated ? ISOLATION : {} },
    });
    return new SiteServer(server);
  }

  url(page: string): string {
    return new URL(page, this.#server.resolvedUrls!.local[0]).href;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
