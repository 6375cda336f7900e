import { categoryColumn, decadeColumn, type ItemAttributes, wordBags } from '@sifaka/data';
import { parseMovieTitle } from './posters/movie-title.js';

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
  const years = movies.map(({ title = '' }) => parseMovieTitle(title).year);
  return {
    categories: [categoryColumn('genre', genres), decadeColumn(years)],
    words: wordBags(movies.map(({ title = '', overview = '' }) => `${title} ${overview}`)),
  };
}
