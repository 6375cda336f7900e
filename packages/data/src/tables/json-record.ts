import { quoted } from '../rows/quoted.js';

/** A JSON object's own keys and their values as they are written, such as `"text"`, `1.0` or `{"deep":[1]}`. */
export type JsonRecord = ReadonlyMap<string, string>;

/**
 * Reads one JSON object without converting its values: numbers keep digits that JavaScript would round.
 *
 * @throws SyntaxError if the text is not a JSON object, or repeats a key. The message says what was found.
 */
export function parseRecord(text: string): JsonRecord {
  const value = parseJson(text); // From here on the text is known to be well-formed.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError(quoted(value));
  const record = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let start = 0; // of the current key or value
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && key === undefined) {
        key = JSON.parse(text.slice(at, end)) as string;
        if (record.has(key)) throw new SyntaxError(`the key ${quoted(key)} twice`);
      }
      at = end - 1;
    } else if (character === '{' || character === '[') depth++;
    else if (character === ':' && depth === 1) start = at + 1;
    else if (character === '}' || character === ']' || character === ',') {
      if (depth === 1 && key !== undefined) {
        record.set(key, text.slice(start, at).trim());
        key = undefined;
      }
      if (character !== ',') depth--;
    }
  }
  return record;
}

/**
 * The cell for `idText`: a text, or a number without rounding; null for an empty cell. Booleans, arrays and objects
 * stay as they are, and `idText` refuses them.
 */
export function idCell(raw: string | undefined): unknown {
  if (raw !== undefined && /^-?\d+$/.test(raw)) return raw === '-0' ? '0' : raw; // One number, one id.
  return raw === undefined ? null : JSON.parse(raw);
}

/**
 * The cell as text, nested values as JSON; null for an empty cell. Half of a surrogate pair, which UTF-8 cannot hold,
 * becomes U+FFFD.
 */
export function textCell(raw: string | undefined): string | null {
  if (raw === undefined || raw === 'null') return null;
  return raw.startsWith('"') ? (JSON.parse(raw) as string).replace(/\p{Surrogate}/gu, '\ufffd') : raw;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`malformed JSON: ${(error as Error).message}`);
  }
}

/** Index behind the closing quote. @param start index of the opening quote */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text[first - 1] === '\\') first--;
  return (index - first) % 2 === 1;
}
