import { failureOf, HubFailure } from './hub-failure.js';
import type { HubSettings } from './hub-settings.js';

/** Largest answer that is not a file: the list of a repository's files. */
const MAX_ANSWER_BYTES = 1 << 26;

interface Answer {
  readonly response: Response;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Closes the connection if the body is not read to its end. */
  readonly end: () => void;
}

/**
 * Sends one request and waits for the head of the answer. The token goes to the endpoint's origin only: neither to
 * other addresses nor along a redirect.
 *
 * @returns the answer, its body in pieces, and what ends it early.
 * @throws {@link HubFailure}, or the reason of the settings' signal.
 */
export async function request(
  settings: HubSettings,
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { endpoint, token, signal } = settings;
  signal?.throwIfAborted();
  const silence = new Silence(settings);
  const isOurs = token !== undefined && new URL(url).origin === new URL(endpoint).origin;
  let response: Response;
  try {
    silence.start();
    response = await fetch(url, {
      headers: { ...headers, 'User-Agent': 'sifaka', ...(isOurs && { Authorization: `Bearer ${token}` }) },
      signal: silence.signal,
    });
  } catch (error) {
    throw silence.failure(error, 'cannot reach the hub');
  } finally {
    silence.stop();
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => {});
    throw failureOf(response, settings);
  }
  return { response, pieces: piecesOf(response, silence), end: () => silence.end() };
}

/** `fetch` for `@huggingface/hub`, whose answers are small. It throws for every answer other than success. */
export function fetchFor(settings: HubSettings): typeof fetch {
  return async (url, init) => {
    const sent = Object.fromEntries(new Headers(init?.headers));
    const { response, pieces, end } = await request(settings, url as string | URL, sent);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of pieces) {
        bytes += piece.length;
        if (bytes > MAX_ANSWER_BYTES) {
          throw new HubFailure(`expected an answer of at most ${MAX_ANSWER_BYTES} bytes, got more`);
        }
        parts.push(piece);
      }
    } finally {
      end();
    }
    const { status, headers } = response;
    return new Response(new Blob(parts as Uint8Array<ArrayBuffer>[]), { status, headers });
  };
}

async function* piecesOf(response: Response, silence: Silence): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  for (;;) {
    let piece: ReadableStreamReadResult<Uint8Array> | undefined;
    try {
      silence.start();
      piece = await reader?.read();
    } catch (error) {
      throw silence.failure(error, 'the connection was cut');
    } finally {
      silence.stop();
    }
    if (piece?.value === undefined) return;
    yield piece.value;
  }
}

/** Ends a request whose hub sends nothing for too long. */
class Silence {
  readonly signal: AbortSignal;
  readonly #settings: HubSettings;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: HubSettings) {
    this.#settings = settings;
    const { signal } = this.#controller;
    this.signal = settings.signal === undefined ? signal : AbortSignal.any([settings.signal, signal]);
  }

  start(): void {
    this.#timer = setTimeout(() => this.#controller.abort(), 1000 * this.#settings.timeoutSeconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#controller.abort();
  }

  /** @returns why a request ended. @throws the reason of the caller's signal. */
  failure(error: unknown, problem: string): HubFailure {
    const { signal, timeoutSeconds, endpoint } = this.#settings;
    signal?.throwIfAborted();
    if (this.#controller.signal.aborted) {
      return new HubFailure(`${endpoint} sent nothing for ${timeoutSeconds} seconds`, { mayPass: true });
    }
    const { message, cause } = error as Error;
    // What fetch throws says only "fetch failed". Its cause tells why.
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    return new HubFailure(`${problem} at ${endpoint} (${why})`, { mayPass: true, cause: error });
  }
}
