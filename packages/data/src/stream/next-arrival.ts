const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export interface NextArrivalOptions {
  /** Default: no limit. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for the promised value, the end of `waitMs` or the signal, whichever comes first. Leaves no timer and no
 * listener behind.
 */
export function nextArrival<Value>(
  promised: Promise<Value>,
  { waitMs = Number.POSITIVE_INFINITY, signal }: NextArrivalOptions,
): Promise<{ readonly value: Value } | 'waited' | 'aborted'> {
  if (signal?.aborted) return Promise.resolve('aborted');
  return new Promise((resolve, reject) => {
    const onAbort = () => settle(() => resolve('aborted'));
    const timer =
      waitMs <= LONGEST_TIMEOUT_MS ? setTimeout(() => settle(() => resolve('waited')), Math.max(0, waitMs)) : undefined;
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    signal?.addEventListener('abort', onAbort);
    promised.then(
      (value) => settle(() => resolve({ value })),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
