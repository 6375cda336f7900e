/**
 * The form in which queries are compared and stored: NFC, lower case, one space between words. `"  Sci-Fi\n epic "` →
 * `"sci-fi epic"`. Half of a surrogate pair becomes U+FFFD.
 */
export function normalizeQuery(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .normalize('NFC')
    .toLowerCase()
    .trim()
    .replace(/\s+/g, ' ');
}
