/** Maximum length of a quoted text, in characters. */
const LONGEST_TEXT = 100;
/** Maximum length of a message from elsewhere, or of a list of names. */
const LONGEST_MESSAGE = 1000;

// Controls (some start escape sequences), and characters that break lines or reorder text.
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]/gu;

/**
 * A value as error messages show it. Texts are quoted as JSON and cut after 100 characters. Everything that a terminal
 * would obey is escaped.
 */
export function quoted(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > LONGEST_TEXT;
    const text = JSON.stringify(cut ? value.slice(0, LONGEST_TEXT) : value).replace(UNPRINTABLE, escapeCharacter);
    return cut ? `${text}… (${value.length} characters)` : text;
  }
  if (typeof value === 'bigint') return `${quotedDigits(value)}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}

/**
 * A text that error messages show without quotes, such as the name of a file or another library's message: cut after
 * 1,000 characters, with everything escaped that a terminal would obey.
 */
export function printable(text: string): string {
  const cut = text.length > LONGEST_MESSAGE;
  const shown = (cut ? text.slice(0, LONGEST_MESSAGE) : text).replace(UNPRINTABLE, escapeCharacter);
  return cut ? `${shown}… (${text.length} characters)` : shown;
}

function quotedDigits(value: bigint): string {
  const digits = value.toString();
  return digits.length > LONGEST_TEXT ? `${digits.slice(0, LONGEST_TEXT)}…` : digits;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
