import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export interface HubOptions {
  /** Branch, tag or commit. A commit pins the files for good. Default `'main'`. */
  readonly revision?: string;
  /**
   * Where downloads are kept, in the layout that Python's library shares. Default: `HF_HUB_CACHE`, or `hub` in
   * `HF_HOME`, or `~/.cache/huggingface/hub`.
   */
  readonly cacheFolder?: string;
  /** Reads the cache only and never uses the network. Default: whether `HF_HUB_OFFLINE` is 1, true, yes or on. */
  readonly offline?: boolean;
  /**
   * Access token. It is sent to the endpoint only. `false` sends none. Default: `HF_TOKEN`, or the file that
   * `HF_TOKEN_PATH` names, or `token` in `HF_HOME`, where `hf auth login` puts it; none if
   * `HF_HUB_DISABLE_IMPLICIT_TOKEN` is set.
   */
  readonly token?: string | false;
  /** Address of the hub. Default: `HF_ENDPOINT`, or https://huggingface.co. */
  readonly endpoint?: string;
  /** How long the hub may send nothing, in seconds. Default 30. */
  readonly timeoutSeconds?: number;
  /**
   * How often in a row a request is tried again after a failure that may pass. A download goes on where it was cut, and
   * the count starts anew whenever bytes arrive. Default 4, with pauses of 0.5 to 4 seconds, or as long as the hub asks
   * for, up to a minute.
   */
  readonly retries?: number;
  /** Called as bytes of a file arrive, and for files that were there before. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops the download. What has arrived is kept for the next call. Default: none. */
  readonly signal?: AbortSignal;
}

export interface DownloadProgress {
  readonly file: string;
  /** Bytes of this file that are on disk. */
  readonly received: number;
  /** Size of this file. */
  readonly size: number;
}

/** Options with their defaults. */
export interface HubSettings {
  /** `owner/name` */
  readonly repository: string;
  readonly revision: string;
  readonly cacheFolder: string | undefined;
  readonly offline: boolean;
  readonly token: string | undefined;
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal | undefined;
}

/** @throws RangeError for an option or an environment variable that cannot be used. Its value is not shown. */
export function hubSettings(repository: string, options: HubOptions): HubSettings {
  const { revision = 'main', cacheFolder, timeoutSeconds = 30, retries = 4, onProgress, signal } = options;
  // A timer of Node counts at most 2³¹ milliseconds.
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) {
    throw new RangeError(`openPretrained: expected timeoutSeconds above 0 and up to 86400, got ${timeoutSeconds}`);
  }
  if (!Number.isSafeInteger(retries) || retries < 0) {
    throw new RangeError(`openPretrained: expected retries to be a whole number from 0, got ${retries}`);
  }
  // The name becomes part of an address and of a path in the cache.
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(revision) || revision.includes('..')) {
    throw new RangeError(`openPretrained: expected a revision such as main, v1.0 or a commit, got ${quote(revision)}`);
  }
  return {
    repository,
    revision,
    cacheFolder,
    offline: options.offline ?? isOn(process.env['HF_HUB_OFFLINE']),
    token: tokenOf(options.token),
    endpoint: endpointOf(options.endpoint),
    timeoutSeconds,
    retries,
    onProgress: onProgress ?? (() => {}),
    signal,
  };
}

function endpointOf(option: string | undefined): string {
  const endpoint = option ?? (process.env['HF_ENDPOINT'] || 'https://huggingface.co');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  // An address with a password in it is not shown.
  if (!isPlain) throw new RangeError('openPretrained: expected endpoint to be an http(s) address without a password');
  return endpoint.replace(/\/+$/, '');
}

function tokenOf(option: string | false | undefined): string | undefined {
  const token = option ?? implicitToken();
  if (token === undefined || token === false || token.trim() === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(token.trim())) {
    throw new RangeError('openPretrained: expected a token of ASCII letters, digits and signs, got other characters');
  }
  return token.trim();
}

function implicitToken(): string | undefined {
  const { env } = process;
  if (isOn(env['HF_HUB_DISABLE_IMPLICIT_TOKEN'])) return undefined;
  if (env['HF_TOKEN']) return env['HF_TOKEN'];
  const home = env['HF_HOME'] || path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'huggingface');
  try {
    return readFileSync(env['HF_TOKEN_PATH'] || path.join(home, 'token'), 'utf8');
  } catch {
    return undefined; // Most people have none.
  }
}

function isOn(value: string | undefined): boolean {
  return /^(1|true|yes|on)$/i.test(value ?? '');
}

function quote(text: string): string {
  return JSON.stringify(text).slice(0, 80);
}
