import { setTimeout as sleep } from 'node:timers/promises';
import { PretrainedError } from '../pretrained-error.js';
import { HubFailure } from './hub-failure.js';
import type { HubSettings } from './hub-settings.js';

/** A hub that asks to wait for longer than this is not waited for. */
const LONGEST_WAIT_SECONDS = 60;
const FIRST_PAUSE_SECONDS = 0.5;
const LONGEST_PAUSE_SECONDS = 4;

/**
 * Tries until it succeeds, fails for good, or has failed `retries + 1` times in a row without any progress.
 *
 * @param file named in the error.
 * @param progress grows when an attempt achieves something before it fails.
 * @throws {@link PretrainedError}, or the reason of the settings' signal.
 */
export async function retrying<Result>(
  settings: HubSettings,
  file: string,
  attempt: () => Promise<Result>,
  progress: () => number = () => 0,
): Promise<Result> {
  const { retries, signal } = settings;
  for (let failures = 0; ; ) {
    const before = progress();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof HubFailure)) throw error;
      failures = progress() > before ? 1 : failures + 1;
      const { waitSeconds } = error;
      if (!error.mayPass) throw hubError(settings, file, error);
      if (failures > retries) throw hubError(settings, file, error, failures > 1 ? ` (tried ${failures} times)` : '');
      if (waitSeconds !== undefined && waitSeconds > LONGEST_WAIT_SECONDS) {
        throw hubError(settings, file, error, `. It asks to wait ${Math.ceil(waitSeconds)} seconds`);
      }
      const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** (failures - 1), LONGEST_PAUSE_SECONDS);
      await sleep(1000 * (waitSeconds ?? pause), undefined, signal && { signal }).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
    }
  }
}

/** A failure with the names of the model and the file. */
export function hubError(settings: HubSettings, file: string, failure: HubFailure, more = ''): PretrainedError {
  const { repository, revision } = settings;
  const details = { source: `${repository}@${revision}`, file, status: failure.status };
  return new PretrainedError(failure.reason, details, `${failure.message}${more}`, { cause: failure.cause });
}
