/** The part of `process` that {@link interruptSignal} needs. */
export interface Interruptible {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  exit(code: number): unknown;
  readonly stderr: { write(text: string): unknown };
}

/** Exit code of an interrupted run: 128 + SIGINT, as in shells. */
export const INTERRUPTED = 130;

/** A closed terminal and the program that started this one may both send a signal. Milliseconds. */
const SAME_REQUEST = 2000;

/**
 * A signal that the first Ctrl-C aborts, so that work ends with a checkpoint. SIGTERM and a closed terminal (SIGHUP) do
 * the same. A second one exits at once; one of another kind within two seconds belongs to the first.
 */
export function interruptSignal(program: Interruptible): AbortSignal {
  const controller = new AbortController();
  let first: { readonly name: string; readonly time: number } | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    program.on(name, () => {
      const time = performance.now();
      if (first === undefined) {
        first = { name, time };
        program.stderr.write('\n  Stopping. Press Ctrl-C again to quit at once.\n');
        controller.abort();
      } else if (first.name === name || time - first.time > SAME_REQUEST) {
        program.exit(INTERRUPTED);
      }
    });
  }
  return controller.signal;
}
