import { readFileSync } from 'node:fs';
import { GENRE_MOTIFS, parseMovieTitle, posterSvg, renderPoster } from '@sifaka/demo';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

describe('parseMovieTitle', () => {
  it.each([
    ['Toy Story (1995)', 'Toy Story', 1995],
    ['Matrix, The (1999)', 'The Matrix', 1999],
    ['Postman, The (Postino, Il) (1994)', 'The Postman', 1994],
    ['Seven (a.k.a. Se7en) (1995)', 'Seven', 1995],
    ["Avventura, L' (Adventure, The) (1960)", "L'Avventura", 1960],
    ['Misérables, Les (1995)', 'Les Misérables', 1995],
    ['Corrina, Corrina (1994)', 'Corrina, Corrina', 1994],
    ['Zed & Two Noughts, A (1985)', 'A Zed & Two Noughts', 1985],
    ['(500) Days of Summer (2009)', '(500) Days of Summer', 2009],
    ['City of Lost Children, The (Cité des enfants perdus, La) (1995)', 'The City of Lost Children', 1995],
    ['Death Note: Desu nôto (2006–2007)', 'Death Note: Desu nôto', 2006],
    ['2001: A Space Odyssey (1968)', '2001: A Space Odyssey', 1968],
    ['Babylon 5', 'Babylon 5', undefined],
    ['(1995)', '', 1995],
    ['', '', undefined],
  ])('%j is %j of %s', (title, name, year) => {
    expect(parseMovieTitle(title)).toEqual({ name, year });
  });

  it('leaves a name to every film of ml-latest-small', () => {
    const file = new URL('../data/ml-latest-small/movies.csv', import.meta.url);
    const titles = readFileSync(file, 'utf8').trim().split('\r\n').slice(1);
    const names = titles.map((row) => parseMovieTitle(row.replace(/^\d+,"?/, '').replace(/"?,[^,]*$/, '')).name);
    expect(names).toHaveLength(9742);
    expect(names.filter((name) => name === '')).toEqual([]);
  });
});

describe('renderPoster', () => {
  const matrix = { title: 'The Matrix', year: 1999, genres: ['Action', 'Sci-Fi', 'Thriller'] };

  it('is a JPEG of 128 × 192 in three colours, the same bytes each time', async () => {
    const poster = await renderPoster(matrix);
    const { format, width, height, channels } = await sharp(poster).metadata();
    expect({ format, width, height, channels }).toEqual({ format: 'jpeg', width: 128, height: 192, channels: 3 });
    expect(poster.equals(await renderPoster({ ...matrix }))).toBe(true);
  });

  it('needs no installed font: lettering is outlines', () => {
    expect(posterSvg(matrix)).not.toMatch(/<text|font/);
  });

  it('shows title, genres and decade, each by itself', async () => {
    const posters = await Promise.all([
      renderPoster(matrix),
      renderPoster({ ...matrix, title: 'The Matriz' }),
      renderPoster({ ...matrix, genres: ['Action', 'Sci-Fi'] }),
      renderPoster({ ...matrix, year: 1989 }),
      renderPoster({ ...matrix, year: undefined }),
    ]);
    expect(new Set(posters.map((poster) => poster.toString('base64'))).size).toBe(posters.length);
  });

  it('makes every genre distinct at 4 × 6 pixels', async () => {
    const names = Object.keys(GENRE_MOTIFS);
    const thumbs = await Promise.all(names.map((genre) => thumb({ title: '', year: 1995, genres: [genre] })));
    for (let i = 0; i < names.length; i++) {
      for (let k = 0; k < i; k++) {
        expect(rootMeanSquare(thumbs[i]!, thumbs[k]!), `${names[i]} against ${names[k]}`).toBeGreaterThan(12);
      }
    }
  });

  it('gives every genre of a film its own part of the picture', async () => {
    // Another third genre changes the right third, and nothing left of its seam.
    const base = await pixelsOf({ ...matrix, genres: ['Action', 'Romance', 'Western'] });
    const other = await pixelsOf({ ...matrix, genres: ['Action', 'Romance', 'Horror'] });
    const changed = columns.map((x) =>
      base.some((value, i) => i % (128 * 3) === x * 3 && Math.abs(value - other[i]!) > 40),
    );
    expect(changed.indexOf(true)).toBeGreaterThan(75);
  });

  it('draws films of ten genres, of none, and of genres it does not know', async () => {
    const none = await renderPoster({ title: 'X', year: 2000, genres: ['(no genres listed)'] });
    expect(none.equals(await renderPoster({ title: 'X', year: 2000, genres: [] }))).toBe(true);
    expect(none.equals(await renderPoster({ title: 'X', year: 2000, genres: ['Telenovela', 'constructor'] }))).toBe(
      true,
    );
    await renderPoster({ title: 'X', year: 2000, genres: Object.keys(GENRE_MOTIFS) });
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \t\n '],
    ['markup', '</svg><script>&amp;"\'<![CDATA['],
    ['accents and letters outside the first font file', 'Crème brûlée à Łódź, Ǎǎ, Достоевский'],
    ['a script that the font lacks', '千と千尋の神隠し'],
    ['pictures and joined marks', '👩‍👩‍👧 e\u0301\u0301\u0301 \u200f\ufeff'],
    ['half a surrogate pair', 'A\ud800B'],
    ['one word of 300 letters', 'W'.repeat(300)],
    ['300 words', 'the wonderful '.repeat(150)],
  ])('sets any title: %s', async (_, title) => {
    const { width, height } = await sharp(await renderPoster({ ...matrix, title })).metadata();
    expect([width, height]).toEqual([128, 192]);
  });

  it('keeps the longest titles inside the poster', () => {
    for (const title of ['W'.repeat(300), 'the wonderful '.repeat(150), 'Bollywood/Hollywood']) {
      for (const [, x] of posterSvg({ ...matrix, title }).matchAll(/translate\((-?[\d.]+) [\d.]+\)" d="M/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(4.9);
      }
    }
  });
});

const columns = Array.from({ length: 128 }, (_, x) => x);

async function pixelsOf(options: Parameters<typeof renderPoster>[0]): Promise<Buffer> {
  return sharp(await renderPoster(options))
    .raw()
    .toBuffer();
}

async function thumb(options: Parameters<typeof renderPoster>[0]): Promise<Buffer> {
  return sharp(await renderPoster(options))
    .resize(4, 6, { fit: 'fill' })
    .raw()
    .toBuffer();
}

function rootMeanSquare(a: Buffer, b: Buffer): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
}
