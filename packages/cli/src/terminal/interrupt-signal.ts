/** The part of `process` that {@link interruptSignal} needs. */
export interface Interruptible {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): unknown;
  readonly stderr: { write(text: string): unknown };
}

/** Exit code of an interrupted run: 128 + SIGINT, as in shells. */
export const INTERRUPTED = 130;

/** A signal that the first Ctrl-C aborts, so that work ends with a checkpoint. The second one exits at once. */
export function interruptSignal(program: Interruptible): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    program.on(name, () => {
      if (controller.signal.aborted) {
        program.exit(INTERRUPTED);
        return;
      }
      program.stderr.write('\n  Stopping. Press Ctrl-C again to quit at once.\n');
      controller.abort();
    });
  }
  return controller.signal;
}
