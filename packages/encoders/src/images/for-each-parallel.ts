/**
 * Calls `visit` for 0 to `count - 1`, at most `concurrency` at a time, and waits for all calls. After a rejection, no
 * further calls start. The rejection is rethrown once the running calls have ended.
 */
export async function forEachParallel(
  count: number,
  concurrency: number,
  visit: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    try {
      while (next < count) await visit(next++);
    } catch (error) {
      next = count;
      throw error;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(concurrency, count) }, worker));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
