/** A file name for a message. A name may hold control characters, which would reach the terminal. */
export function quotedFile(file: string): string {
  // JSON.stringify leaves the control characters from U+007F on.
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(file)) return file;
  return JSON.stringify(file).replaceAll(/[\u007f-\u009f]/g, escaped);
}
