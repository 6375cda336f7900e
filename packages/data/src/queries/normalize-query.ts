/**
 * The form in which queries are compared and stored: NFC, lower case, one space between words. `"  Sci-Fi\n epic "` →
 * `"sci-fi epic"`.
 */
export function normalizeQuery(text: string): string {
  return text.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ');
}
