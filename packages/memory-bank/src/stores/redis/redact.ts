/**
 * A copy of a client's error without secrets. Such errors carry the arguments of their command, such as the password of
 * AUTH or megabytes of rows, and servers quote the arguments of commands that they do not know.
 *
 * @param secrets texts to replace in the message
 */
export function redacted(error: unknown, secrets: readonly string[]): Error {
  const source = error instanceof Error ? error : new Error(String(error));
  const copy = new Error(redactText(source.message, secrets));
  copy.name = source.name;
  const { code } = source as NodeJS.ErrnoException;
  if (typeof code === 'string') Object.assign(copy, { code });
  // The stack repeats the message in its first lines.
  const frames = source.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  copy.stack = [`${copy.name}: ${copy.message}`, ...frames].join('\n');
  return copy;
}

export function redactText(text: string, secrets: readonly string[]): string {
  let clean = text.replace(/,? with args beginning with:.*/s, '');
  // The longest first, because one secret may contain another.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret !== '') clean = clean.replaceAll(secret, '***');
  }
  return clean;
}
