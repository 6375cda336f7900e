// Controls but line breaks (some begin escape sequences), and characters that break lines or reorder text.
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]/gu;

/** A text without anything that a terminal would obey, except for line breaks: `\u001b[2J` becomes visible. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
