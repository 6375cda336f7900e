import { Console } from 'node:console';
import { PassThrough } from 'node:stream';

/** Everything that the program prints by `console` until `work` has finished. */
export async function printedDuring(work: () => Promise<unknown>): Promise<string> {
  const stream = new PassThrough();
  const before = globalThis.console;
  globalThis.console = new Console(stream);
  try {
    await work();
  } finally {
    globalThis.console = before;
  }
  return String(stream.read() ?? '');
}
