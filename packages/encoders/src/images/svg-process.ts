import { type ChildProcess, spawn } from 'node:child_process';
import type { RawImage, SharpSteps } from './sharp-steps.js';

/** What became of a drawing. */
export type Drawing =
  | RawImage
  /** sharp's message. */
  | { readonly problem: string }
  /** It took too long, and the process was killed; or the process ended by itself, for example for lack of memory. */
  | { readonly lost: 'late' | string };

/**
 * The program of the process: the same as `takeSteps`. If its parent ends, it ends at once, in the middle of a drawing.
 */
export const SVG_PROGRAM = `
  const sharp = require(process.argv[1]);
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', ({ bytes, steps }) => {
    let image = sharp(bytes, steps.input);
    for (const [name, argument] of steps.methods) image = image[name](argument);
    image.toBuffer({ resolveWithObject: true }).then(
      ({ data, info }) => process.send({ pixels: new Uint8Array(data), width: info.width, height: info.height }),
      (error) => process.send({ problem: String(error.message) }),
    );
  });
  process.send('ready');
`;

/** A process without work ends after this time. */
const REST_MS = 5_000;

/**
 * A process that draws SVGs. Nothing inside a process can stop a drawing that takes for ever; a process can be killed.
 * It keeps this one alive only while it works.
 */
export class SvgProcess {
  readonly #child: ChildProcess;
  #answer: ((drawing: Drawing | 'ready') => void) | undefined;
  #ending: string | undefined;
  #rest: NodeJS.Timeout | undefined;

  /** @param sharpFile the file of `sharp`, for the process to load */
  constructor(sharpFile: string) {
    this.#child = spawn(process.execPath, ['--eval', SVG_PROGRAM, sharpFile], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const end = (reason: string): void => {
      this.#ending ??= reason;
      this.#settle({ lost: this.#ending });
    };
    this.#child.on('message', (answer: Drawing | 'ready') => this.#settle(answer));
    this.#child.on('error', (error) => end(error.message));
    this.#child.on('exit', (code, signal) => end(`ended by ${signal ?? `code ${code}`}`));
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** Waits until the process can draw. Call it once, before {@link draw}. @returns undefined, or how it ended */
  async start(): Promise<Drawing | undefined> {
    const answer = await this.#ask(() => {});
    return answer === 'ready' ? undefined : answer;
  }

  /** Draws an SVG. Call it again only after the previous drawing. The process is killed after `seconds`. */
  async draw(bytes: Uint8Array, steps: SharpSteps, seconds: number): Promise<Drawing> {
    clearTimeout(this.#rest);
    const limit = setTimeout(() => this.#kill('late'), seconds * 1000);
    const drawing = await this.#ask(() => this.#child.send({ bytes, steps }));
    clearTimeout(limit);
    this.#rest = setTimeout(() => this.#kill('at rest'), REST_MS).unref();
    return drawing as Drawing;
  }

  #kill(reason: string): void {
    this.#ending ??= reason;
    this.#child.kill('SIGKILL');
    this.#settle({ lost: reason });
  }

  #ask(send: () => void): Promise<Drawing | 'ready'> {
    if (this.#ending !== undefined) return Promise.resolve({ lost: this.#ending });
    this.#child.ref();
    this.#child.channel?.ref();
    return new Promise((resolve) => {
      this.#answer = resolve;
      send();
    });
  }

  #settle(answer: Drawing | 'ready'): void {
    this.#child.unref();
    this.#child.channel?.unref();
    this.#answer?.(answer);
    this.#answer = undefined;
  }
}
