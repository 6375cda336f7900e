/** Licences of the hub's list that allow any use, commercial use included, and ask for no more than notices. */
const FREE: ReadonlySet<string> = new Set(
  (
    'apache-2.0 mit bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear isc zlib unlicense wtfpl cc0-1.0 pddl bsl-1.0 ' +
    'postgresql ncsa afl-3.0 ms-pl cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 odc-by cdla-permissive-1.0 ' +
    'cdla-permissive-2.0'
  ).split(' '),
);

/** First lines of licence files of the same kind. */
const FREE_TITLE = /^(apache|mit|isc|bsd [23]-clause) license \(file /;

/**
 * Says in a few words what a licence allows, for a person who loads a model.
 *
 * This is a reminder, not advice: what is not known to be free is said to restrict.
 */
export function licenceNote(licence: string | undefined): string {
  if (licence === undefined) return 'no licence stated: ask its owner before you use it';
  const names = licence.toLowerCase().split(/,\s*/);
  if (names.every((name) => FREE.has(name) || FREE_TITLE.test(name))) return `licence ${licence}`;
  const forbids = /(^|[-\s])(nc|non-?commercial)($|[-\s])/i.test(licence)
    ? 'forbids commercial use'
    : 'may restrict use';
  return `licence ${licence}, which ${forbids}: read it first`;
}

/**
 * Licence of a model card: `license` in the front matter of `README.md`, with `license_name` and `license_link`, which
 * the hub uses for licences that are not in its list (`license: other`).
 *
 * @returns undefined if the card states none.
 */
export function cardLicence(card: string): string | undefined {
  const [, front] = /^\uFEFF?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)/s.exec(card) ?? [];
  if (front === undefined) return undefined;
  const lines = front.split(/\r?\n/);
  const licence = entryOf(lines, 'license');
  const name = entryOf(lines, 'license_name');
  const link = entryOf(lines, 'license_link');
  if (licence === undefined && name === undefined) return undefined;
  const named = name !== undefined && (licence === undefined || licence === 'other') ? name : licence!;
  const isLinked = (licence === undefined || licence === 'other') && link !== undefined;
  return isLinked ? `${named} (${link})` : named;
}

/** First words of a licence file, which hold its name. */
export function licenceTitle(file: string, text: string): string | undefined {
  const title = text.split('\n').map(oneLine).find(Boolean);
  return title === undefined ? undefined : `${title} (file ${file})`;
}

/** A top-level entry of simple YAML: a text, or a list of texts, which is joined by commas. */
function entryOf(lines: readonly string[], key: string): string | undefined {
  const at = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (at < 0) return undefined;
  const inline = unquoted(lines[at]!.slice(key.length + 1));
  const values = inline.startsWith('[') ? inline.replace(/^\[|\]$/g, '').split(',') : inline === '' ? [] : [inline];
  for (let next = at + 1; inline === '' && next < lines.length; next++) {
    const [, item] = /^\s*-\s+(.*)$/.exec(lines[next]!) ?? [];
    if (item === undefined) break;
    values.push(item);
  }
  return values.map(unquoted).filter(Boolean).join(', ') || undefined;
}

/** Without comment, quotes and space around it. */
function unquoted(text: string): string {
  const bare = oneLine(text.replace(/(^|\s)#.*$/, ''));
  return /^(["']).*\1$/.test(bare) ? bare.slice(1, -1) : bare;
}

/** Short, and without control characters, because it is printed. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
