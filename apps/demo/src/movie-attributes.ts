import { categoryColumn, decadeColumn, type ItemAttributes, wordBags } from '@sifaka/data';

// Words and years as the reference baselines for MovieLens read them, so that figures can be compared. Nearly all texts
// are English. A series with several years, such as (2006–2007), counts as without a year.
const WORD = /[a-z0-9]+/g;
const YEAR = /\((\d{4})\)\s*$/;

/** What MovieLens's tables say of a movie. */
export interface MovieRow {
  readonly title: string | undefined;
  /** Separated by `|`, or `(no genres listed)`. */
  readonly genres: string | undefined;
  readonly overview: string | undefined;
}

/** Genres, the decade of the year in the title, and the words of title and overview. */
export function movieAttributes(movies: readonly MovieRow[]): ItemAttributes {
  const genres = movies.map(({ genres = '' }) => genres.split('|').filter((genre) => !genre.startsWith('(')));
  const years = movies.map(({ title = '' }) => {
    const year = YEAR.exec(title)?.[1];
    return year === undefined ? undefined : Number(year);
  });
  return {
    categories: [categoryColumn('genre', genres), decadeColumn(years)],
    words: wordBags(
      movies.map(({ title = '', overview = '' }) => `${title} ${overview}`),
      { word: WORD },
    ),
  };
}
