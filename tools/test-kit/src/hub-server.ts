import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** Contents by name. */
type Files = Readonly<Record<string, string | Uint8Array>>;

export interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers a request in another way than a healthy hub. @returns false to leave it to the hub. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

/** A hub on 127.0.0.1 with repositories of one commit each. Large files lie on a second server, as on the real one. */
export class HubServer {
  readonly seen: SeenRequest[] = [];
  /** Bytes of file content that were sent. */
  sent = 0;
  misbehave: Misbehaviour = () => false;
  readonly #repositories = new Map<string, { readonly commit: string; readonly files: Map<string, Buffer> }>();
  readonly #hub: Server = createServer((request, response) => this.#answer(request, response));
  readonly #storage: Server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.keepAliveTimeout = 0; // On a busy machine, a client may take up a connection just when it is closed.
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  reset(): void {
    this.seen.length = 0;
    this.sent = 0;
    this.misbehave = () => false;
    this.#repositories.clear();
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  /** @returns its commit. */
  add(name: string, files: Files): string {
    const content = new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)]));
    const commit = sha1([...content].map(([path, bytes]) => path + sha1(bytes)).join());
    this.#repositories.set(name, { commit, files: content });
    return commit;
  }

  /** Paths of files that were asked for, in order. */
  get filesSeen(): string[] {
    return this.seen.map(({ path }) => /\/resolve\/[^/]+\/(.*)$/.exec(path)?.[1]).filter((path) => path !== undefined);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url!, 'http://hub');
    const { range, authorization } = request.headers;
    this.seen.push({ path: pathname, range, authorization });
    if (this.misbehave(request, response, pathname)) return;
    const [, api, apiName, what, revision] = /^\/(api)\/models\/(.+?)\/(revision|tree)\/([^/]+)/.exec(pathname) ?? [];
    const [, name, commit, file] = /^(?:\/storage)?\/(.+?)\/resolve\/([^/]+)\/(.*)$/.exec(pathname) ?? [];
    const repository = this.#repositories.get(apiName ?? name ?? '');
    if (repository === undefined) {
      refuse(response, 404, 'RepoNotFound');
    } else if (api !== undefined) {
      const isKnown = ['main', 'refs/pr/1', repository.commit].includes(decodeURIComponent(revision!));
      if (!isKnown) refuse(response, 404, 'RevisionNotFound');
      else if (what === 'tree') this.#list(request, response, [...repository.files]);
      else json(response, { id: apiName, sha: repository.commit, lastModified: 0 });
    } else {
      const bytes = repository.files.get(decodeURIComponent(file!));
      if (bytes === undefined || commit !== repository.commit) refuse(response, 404, 'EntryNotFound');
      else if (isLarge(file!) && !pathname.startsWith('/storage/')) {
        response.writeHead(302, { Location: `${addressOf(this.#storage)}/storage${pathname}` }).end();
      } else this.send(response, bytes, range);
    }
  }

  /** Two files a page. */
  #list(request: IncomingMessage, response: ServerResponse, files: readonly (readonly [string, Buffer])[]): void {
    const url = new URL(request.url!, this.endpoint);
    const page = Number(url.searchParams.get('page') ?? 0);
    const entries = files.slice(2 * page, 2 * page + 2).map(([path, bytes]) => ({
      type: 'file',
      path,
      size: bytes.length,
      oid: sha1(Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes])),
      ...(isLarge(path) && { lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length } }),
    }));
    url.searchParams.set('page', String(page + 1));
    if (files.length > 2 * page + 2) response.setHeader('Link', `<${url.href}>; rel="next"`);
    json(response, [{ type: 'directory', path: 'onnx', size: 0, oid: sha1('') }, ...entries]);
  }

  /**
   * Sends a file from the first byte of `range` on. With `cutAfter`, it sends at most that many bytes, and ends the
   * connection when `hasArrived` says that they have arrived.
   */
  send(
    response: ServerResponse,
    bytes: Buffer,
    range: string | undefined,
    cutAfter?: number,
    hasArrived: (end: number) => boolean = () => true,
  ): void {
    const from = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const part = bytes.subarray(from, cutAfter === undefined ? undefined : from + cutAfter);
    this.sent += part.length;
    response.setHeader('Content-Length', bytes.length - from);
    if (range !== undefined) response.setHeader('Content-Range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
    response.statusCode = range === undefined ? 200 : 206;
    if (cutAfter === undefined) {
      response.end(part);
      return;
    }
    response.write(part);
    const timer = setInterval(() => {
      if (!hasArrived(from + part.length)) return;
      clearInterval(timer);
      response.destroy();
    }, 10);
  }
}

/** A server for the tests of one file. */
export function hubServer(): HubServer {
  const server = new HubServer();
  beforeAll(() => server.start());
  beforeEach(() => server.reset());
  afterAll(() => server.stop());
  return server;
}

export function refuse(
  response: ServerResponse,
  status: number,
  code = '',
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'X-Error-Code': code, ...headers }).end(`{"error":"${code}"}`);
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

function isLarge(path: string): boolean {
  return path.endsWith('.safetensors');
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sha1(content: string | Buffer): string {
  return createHash('sha1').update(content).digest('hex');
}
