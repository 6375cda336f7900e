import { quoted } from './quoted.js';

/** Limits on the header of a foreign file. */
export interface SafetensorsLimits {
  /** Largest header in bytes. Default 100,000,000, the limit of the reference implementation. */
  readonly maxHeaderBytes?: number;
  /** Most tensors, and most entries of metadata. Default 100,000. */
  readonly maxTensors?: number;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;

/** Header, tensor, list of numbers. */
const MAX_DEPTH = 3;
/** More axes than any library has. */
const MAX_LIST = 64;

/**
 * Parses a header, after one pass over its bytes that refuses everything that `JSON.parse` would accept in silence or
 * at a high cost: deep brackets, long lists, more names than the limit, and a name that occurs twice.
 *
 * @throws Error naming the problem.
 */
export function parseSafetensorsHeader(bytes: Uint8Array, maxTensors: number): Record<string, unknown> {
  scan(bytes, maxTensors);
  const json = new TextDecoder().decode(bytes);
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch (error) {
    throw new Error(`readSafetensors: the header is not JSON (${quoted((error as Error).message)})`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error(`readSafetensors: expected a header of named tensors, got ${quoted(json.trim())}`);
  }
  return header as Record<string, unknown>;
}

function scan(bytes: Uint8Array, maxTensors: number): void {
  // One entry per open bracket: the names so far of an object, the number of commas of a list.
  const open: (Set<string> | { commas: number })[] = [];
  // A tensor has its own name and those of its three fields. The metadata has as many entries.
  const maxNames = 5 * maxTensors + 1;
  let names = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (open.length === MAX_DEPTH) {
        throw new Error(`readSafetensors: expected at most ${MAX_DEPTH} levels of brackets in the header, got more`);
      }
      open.push(byte === OPEN_BRACE ? new Set() : { commas: 0 });
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      open.pop();
    } else if (byte === COMMA) {
      const list = open.at(-1);
      if (list !== undefined && !(list instanceof Set) && ++list.commas === MAX_LIST) {
        throw new Error(`readSafetensors: expected lists of at most ${MAX_LIST} numbers in the header, got more`);
      }
    } else if (byte === QUOTE) {
      const start = at++;
      while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      const object = open.at(-1);
      if (!(object instanceof Set) || !isName(bytes, at + 1)) continue;
      const name = nameOf(bytes.subarray(start, at + 1));
      if (object.has(name)) throw new Error(`readSafetensors: expected each name once, got ${quoted(name)} twice`);
      object.add(name);
      // The metadata has a name beside those of the tensors, and a tensor has three fields.
      const most = open.length === 1 ? maxTensors + 1 : Math.max(maxTensors, 3);
      if (object.size > most || ++names > maxNames) {
        throw new Error(`readSafetensors: expected at most ${maxTensors} names in the header, got more`);
      }
    }
  }
}

/** Whether a colon follows. */
function isName(bytes: Uint8Array, after: number): boolean {
  let at = after;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return bytes[at] === COLON;
}

/** `"\u0061"` and `"a"` are the same name. */
function nameOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // JSON.parse refuses the whole header then.
  }
}
