// Posters of films as JPEG files (rendered by the demo), the same as the web has them (progressive, half chroma, 85 × 128
// like MovieLens' own), the texts of the films, and a tokenizer that both sides load.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readItems } from '@sifaka/data/tables';
import { TextTokenizer } from '@sifaka/encoders/node';
import { parseMovieTitle } from '../../apps/demo/dist/posters/movie-title.js';
import { renderPoster } from '../../apps/demo/dist/posters/render-poster.js';

const FILMS = 512;
const WEB = { width: 85, height: 128, fit: 'fill' };
const MOVIES = fileURLToPath(new URL('../../apps/demo/data/ml-latest-small/movies.csv', import.meta.url));

/** The demo's. */
const sharp = createRequire(new URL('../../apps/demo/package.json', import.meta.url))('sharp');

export async function writeInputs(folder) {
  const { ids, columns } = await readItems(MOVIES, { id: 'movieId', text: ['title', 'genres'] });
  const titles = columns.title.slice(0, FILMS);
  const genres = columns.genres.slice(0, FILMS).map((text) => text?.split('|') ?? []);
  const posters = path.join(folder, 'posters');
  await mkdir(posters, { recursive: true });
  const files = { baseline: [], progressive: [] };
  for (const [i, title] of titles.entries()) {
    const { name, year } = parseMovieTitle(title ?? '');
    const poster = await renderPoster({ title: name, year, genres: genres[i] });
    const bytes = {
      baseline: poster,
      progressive: await sharp(poster).resize(WEB).jpeg({ progressive: true, optimiseScans: true }).toBuffer(),
    };
    for (const kind of ['baseline', 'progressive']) {
      const file = path.join(posters, `${ids[i]}-${kind}.jpg`);
      await writeFile(file, bytes[kind]);
      files[kind].push(file);
    }
  }
  const texts = titles.map((title, i) => [title, ...genres[i]].join(' '));
  const tokenizer = await TextTokenizer.train(texts);
  await writeFile(path.join(folder, 'tokenizer.json'), tokenizer.toJSON());
  await writeFile(path.join(folder, 'input-path.json'), JSON.stringify({ files, texts }));
}
