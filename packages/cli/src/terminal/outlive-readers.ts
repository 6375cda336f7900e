/** A stream that its reader may close, such as `process.stdout`. */
export interface ClosableOutput {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** Errors of a pipe whose reader ended (`| head`), and of a terminal that was closed. */
const CLOSED = new Set(['EPIPE', 'EIO', 'ENXIO', 'ERR_STREAM_DESTROYED']);

/**
 * Lets a program run on when nobody reads its output any more: a run that loses its terminal still saves its
 * checkpoint, and one that loses its reader still writes its report. Other errors are thrown.
 */
export function outliveReaders(...outputs: readonly ClosableOutput[]): void {
  for (const output of outputs) {
    output.on('error', (error) => {
      if (!CLOSED.has(error.code ?? '')) throw error;
    });
  }
}
