import { quoted } from '../rows/quoted.js';

/** One record of a JSON file, not parsed yet. */
export interface RecordText {
  readonly text: string;
  /** Line of a JSON-lines file, from 1. */
  readonly line?: number;
}

/** The reason why {@link splitLines} or {@link splitObjects} stops. */
export class RecordProblem extends Error {
  readonly line: number | undefined;

  constructor(problem: string, line?: number) {
    super(problem);
    this.line = line;
  }
}

/**
 * Splits JSON lines. Blank lines are left out.
 *
 * @param tooLong the problem of a line longer than `maxLength` characters
 * @throws {@link RecordProblem} with the line.
 */
export async function* splitLines(
  chunks: AsyncIterable<string>,
  maxLength: number,
  tooLong: string,
): AsyncGenerator<RecordText> {
  let rest = '';
  let line = 0;
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      line++;
      if (text.length > maxLength) throw new RecordProblem(tooLong, line);
      if (text.trim() !== '') yield { text, line };
    }
    if (rest.length > maxLength) throw new RecordProblem(tooLong, line + 1);
  }
  if (rest.trim() !== '') yield { text: rest, line: line + 1 };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);

/**
 * Splits a JSON array of objects, or objects one after the other. The text within the braces is not checked here.
 *
 * @param tooLong the problem of an object longer than `maxLength` characters
 * @throws {@link RecordProblem} if an object is too long, anything else stands between the objects, or the text ends
 *   too early.
 */
export async function* splitObjects(
  chunks: AsyncIterable<string>,
  maxLength: number,
  tooLong: string,
): AsyncGenerator<RecordText> {
  const between = new BetweenObjects();
  let text = ''; // the current object, as far as it was read
  let depth = 0;
  let inString = false;
  let escaped = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === BACKSLASH) escaped = true;
        else if (code === QUOTE) inString = false;
      } else if (depth === 0) {
        if (!between.take(chunk[at]!)) continue;
        start = at;
        depth = 1;
      } else if (code === QUOTE) inString = true;
      else if (OPEN.has(code)) depth++;
      else if (CLOSE.has(code) && --depth === 0) {
        const whole = text + chunk.slice(start, at + 1);
        if (whole.length > maxLength) throw new RecordProblem(tooLong);
        text = '';
        yield { text: whole };
      }
    }
    if (depth > 0) text += chunk.slice(start);
    if (text.length > maxLength) throw new RecordProblem(tooLong);
  }
  if (depth > 0) throw new RecordProblem('expected JSON, got an object without its end');
  between.end();
}

/** Checks the characters between the objects. */
class BetweenObjects {
  #kind: 'array' | 'objects' | undefined;
  #state: 'start' | 'afterObject' | 'afterComma' | 'closed' = 'start';

  /** @returns true if the character begins an object. */
  take(character: string): boolean {
    if (/\s/.test(character)) return false;
    const inArray = this.#kind === 'array';
    if (character === '{' && this.#state !== 'closed' && !(inArray && this.#state === 'afterObject')) {
      this.#kind ??= 'objects';
      this.#state = 'afterObject';
      return true;
    }
    if (character === '[' && this.#kind === undefined) this.#kind = 'array';
    else if (character === ',' && inArray && this.#state === 'afterObject') this.#state = 'afterComma';
    else if (character === ']' && inArray && (this.#state === 'start' || this.#state === 'afterObject')) {
      this.#state = 'closed';
    } else throw new RecordProblem(`expected JSON objects, got ${quoted(character)} between them`);
    return false;
  }

  end(): void {
    if (this.#kind === 'array' && this.#state !== 'closed') {
      throw new RecordProblem('expected JSON, got an array without its end');
    }
  }
}
