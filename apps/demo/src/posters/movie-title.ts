/** A film's title as a poster shows it. */
export interface MovieTitle {
  /** As people say it: `The Matrix`. */
  readonly name: string;
  /** Undefined if the title has no year. */
  readonly year: number | undefined;
}

const YEAR = /\s*\((\d{4})(?:\s*[–-]\s*(?:\d{4})?)?\)\s*$/;
const OTHER_NAME = /\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$/;
const ARTICLE = /^(.+), (The|An?|L[aeo]s?|L'|Les|I|Il|Gli|El|Los|D[eai]s?|De[rnt]|Die|Das|Une?|Una|Eine?|En|Os?)$/;

/**
 * Splits a MovieLens title into name and year: `Postman, The (Postino, Il) (1994)` is `The Postman` of 1994.
 *
 * The year is the number in brackets at the end. Other names in brackets are dropped, because a poster has one title.
 * The article moves back to the front. A title that is all brackets, such as `(500)`, is kept.
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
