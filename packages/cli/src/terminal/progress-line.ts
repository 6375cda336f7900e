import { printable } from './printable.js';

/** A stream that shows progress, such as `process.stderr`. */
export interface Terminal {
  readonly isTTY?: boolean;
  /** Characters per line. Default 80. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Progress as one line that rewrites itself. Outside a terminal (a log, CI) it is a new line every 15 seconds. */
export class ProgressLine {
  readonly #stream: Terminal;
  #lastWrite = 0;
  #open = false;

  constructor(stream: Terminal) {
    this.#stream = stream;
  }

  /** Shows a text, at most ten times a second. */
  update(text: string): void {
    const now = performance.now();
    const interval = this.#stream.isTTY ? 100 : 15_000;
    if (now - this.#lastWrite < interval) return;
    this.#lastWrite = now;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K  ${printable(text).slice(0, (this.#stream.columns ?? 80) - 3)}`);
      this.#open = true;
    } else {
      this.#stream.write(`  ${printable(text)}\n`);
    }
  }

  /** Clears the line, and writes a last text instead. */
  done(text?: string): void {
    if (this.#open) this.#stream.write('\r\x1b[2K');
    if (text !== undefined) this.#stream.write(`  ${printable(text)}\n`);
    this.#open = false;
  }
}

/** `[████░░░░]  50 %` */
export function bar(done: number, total: number, width = 20): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(width * share);
  return `[${'█'.repeat(filled)}${'░'.repeat(width - filled)}] ${String(Math.floor(100 * share)).padStart(3)} %`;
}

/** `75` → `1 min 15 s` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
