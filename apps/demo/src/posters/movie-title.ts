/** What a poster says of a film. */
export interface MovieTitle {
  /** As one would say it: `The Matrix`. */
  readonly name: string;
  /** Undefined where the title carries no year. */
  readonly year: number | undefined;
}

const YEAR = /\s*\((\d{4})(?:\s*[–-]\s*(?:\d{4})?)?\)\s*$/;
const OTHER_NAME = /\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$/;
const ARTICLE = /^(.+), (The|An?|L[aeo]s?|L'|Les|I|Il|Gli|El|Los|D[eai]s?|De[rnt]|Die|Das|Une?|Una|Eine?|En|Os?)$/;

/**
 * Takes a MovieLens title apart: `Postman, The (Postino, Il) (1994)` is `The Postman` of 1994.
 *
 * The year is the one in brackets at the end; other names in brackets are dropped (a poster has one title), and the article
 * comes back to the front. A title of brackets only, such as `(500)`, is kept as it is.
 */
export function parseMovieTitle(title: string): MovieTitle {
  const year = YEAR.exec(title)?.[1];
  let name = title.replace(YEAR, '').trim();
  for (let shorter = name; shorter !== ''; shorter = name.replace(OTHER_NAME, '').trim()) {
    if (shorter === name && !OTHER_NAME.test(name)) break;
    name = shorter;
  }
  const [, rest, article] = ARTICLE.exec(name) ?? [];
  if (rest !== undefined && article !== undefined) name = article.endsWith("'") ? article + rest : `${article} ${rest}`;
  return { name, year: year === undefined ? undefined : Number(year) };
}
