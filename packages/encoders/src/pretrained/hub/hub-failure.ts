import type { PretrainedErrorReason } from '../pretrained-error.js';
import type { HubSettings } from './hub-settings.js';

/** One request failed. `retrying` decides whether it is tried again, and says which file it was for. */
export class HubFailure extends Error {
  readonly reason: PretrainedErrorReason;
  readonly status: number | undefined;
  /** Whether the same request may succeed later. */
  readonly mayPass: boolean;
  /** Seconds that the hub asks to wait. */
  readonly waitSeconds: number | undefined;

  constructor(
    problem: string,
    options: {
      readonly reason?: PretrainedErrorReason;
      readonly status?: number;
      readonly mayPass?: boolean;
      readonly waitSeconds?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(problem, { cause: options.cause });
    this.reason = options.reason ?? 'network';
    this.status = options.status;
    this.mayPass = options.mayPass ?? false;
    this.waitSeconds = options.waitSeconds;
  }
}

/** What an answer other than success means, and what helps. */
export function failureOf(response: Response, { endpoint, repository, revision, token }: HubSettings): HubFailure {
  const { status, headers } = response;
  const page = `${endpoint}/${repository}`;
  const answered = `the hub answered ${status}`;
  if (status === 401 || status === 403) {
    const what = 'The repository is private or gated, or there is none of this name';
    const help =
      token === undefined
        ? `Accept the model's conditions at ${page}, then set HF_TOKEN, pass token, or run hf auth login`
        : `The token has no access. Accept the model's conditions at ${page}, or use another token`;
    return new HubFailure(`${answered}. ${what}. ${help}`, { reason: 'denied', status });
  }
  if (status === 404) {
    const code = headers.get('X-Error-Code');
    const what =
      code === 'RevisionNotFound'
        ? `There is no revision ${revision}. See ${page}/tree/main for branches and tags`
        : code === 'EntryNotFound'
          ? 'The revision has no such file'
          : `There is no such repository or revision at ${endpoint}. A folder's name starts with ./ or /`;
    return new HubFailure(`${answered}. ${what}`, { reason: 'missing', status });
  }
  const waitSeconds = secondsToWait(headers.get('Retry-After'));
  if (status === 429) {
    const help = token === undefined ? '. A token (HF_TOKEN) raises the limit' : '';
    return new HubFailure(`${answered}: too many requests${help}`, { status, mayPass: true, waitSeconds });
  }
  const mayPass = status === 408 || status >= 500;
  return new HubFailure(`${answered}. Try later, or set HF_ENDPOINT to a mirror`, { status, mayPass, waitSeconds });
}

/** `Retry-After` in seconds or as a date. */
function secondsToWait(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
