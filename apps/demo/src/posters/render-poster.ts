import sharp from 'sharp';
import { eraOf } from './era.js';
import { GENRE_MOTIFS, type GenreMotif } from './genre-motifs.js';
import { type Box, centred, titleBlock } from './title-block.js';

export interface PosterOptions {
  /**
   * The film's name as it is shown, see `parseMovieTitle`. Any Unicode; characters that the font lacks are left out.
   */
  readonly title: string;
  readonly year: number | undefined;
  /** MovieLens genres in any order. Unknown names are ignored; without a known one, `(no genres listed)` is drawn. */
  readonly genres: readonly string[];
}

/** Version of the drawing. Change it with the drawing, and cached posters are rendered again. */
export const POSTER_STYLE = '1';

export const POSTER_WIDTH = 128;
export const POSTER_HEIGHT = 192;

const TITLE_HEIGHT = 56;
const FOOT_HEIGHT = 13;
const PER_ROW = 3;
const SLANT = 8; // Pixels by which a seam between panels leans over the height of a row.

/**
 * Draws a poster from a film's title, year and genres alone. The same input gives the same bytes.
 *
 * The genres share the picture evenly (see `GENRE_MOTIFS`). The decade decides paper, ink and layout (see `eraOf`). The
 * title is set in large capitals.
 *
 * @returns a JPEG of 128 × 192 pixels.
 */
export async function renderPoster(options: PosterOptions): Promise<Buffer> {
  const svg = Buffer.from(posterSvg(options));
  // Full chroma keeps coloured lettering sharp. Optimised Huffman tables would save a tenth of the bytes and cost a
  // tenth more time.
  return sharp(svg).removeAlpha().jpeg({ quality: 82, chromaSubsampling: '4:4:4', optimiseCoding: false }).toBuffer();
}

/** The poster as SVG without text elements, so that it looks the same on every machine. */
export function posterSvg({ title, year, genres }: PosterOptions): string {
  const { paper, ink, margin, titleAt } = eraOf(year);
  const pictureTop = titleAt === 'top' ? margin + TITLE_HEIGHT : margin;
  const picture: Box = {
    x: margin,
    y: pictureTop,
    width: POSTER_WIDTH - 2 * margin,
    height: POSTER_HEIGHT - TITLE_HEIGHT - FOOT_HEIGHT - 2 * margin + (margin > 0 ? 4 : 0),
  };
  const titleBox: Box = {
    x: Math.max(margin, 5),
    y: titleAt === 'top' ? margin + 1 : picture.y + picture.height + 4,
    width: POSTER_WIDTH - 2 * Math.max(margin, 5),
    height: TITLE_HEIGHT - 7,
  };
  const foot = year === undefined ? '' : centred(String(year), 9, POSTER_WIDTH / 2, POSTER_HEIGHT - 5, ink);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${POSTER_WIDTH}" height="${POSTER_HEIGHT}">` +
    `<rect width="${POSTER_WIDTH}" height="${POSTER_HEIGHT}" fill="${paper}"/>` +
    panels(genres, picture, paper) +
    titleBlock(title, titleBox, ink) +
    foot +
    '</svg>'
  );
}

/** Rows of up to three panels, one per genre. All posters of the same genres share this picture. */
function panels(genres: readonly string[], picture: Box, seam: string): string {
  const known = genres.filter((genre) => Object.hasOwn(GENRE_MOTIFS, genre));
  const motifs = (known.length > 0 ? known : ['(no genres listed)']).map((genre) => GENRE_MOTIFS[genre]!);
  const rows = Math.ceil(motifs.length / PER_ROW);
  let svg = '';
  let drawn = 0;
  for (let row = 0; row < rows; row++) {
    const count = Math.floor((motifs.length * (row + 1)) / rows) - drawn;
    for (let column = 0; column < count; column++) {
      const box: Box = {
        x: picture.x + (picture.width * column) / count,
        y: picture.y + (picture.height * row) / rows,
        width: picture.width / count,
        height: picture.height / rows,
      };
      svg += panel(motifs[drawn + column]!, box, { first: column === 0, last: column === count - 1, seam });
    }
    drawn += count;
  }
  return svg;
}

interface RowEnds {
  readonly first: boolean;
  readonly last: boolean;
  readonly seam: string;
}

/** A panel extends half a slant over its neighbour and is clipped along the slanted seam. */
function panel({ ground, figure, pattern }: GenreMotif, box: Box, { first, last, seam }: RowEnds): string {
  // In a narrow strip the figure may cross the seams: it stays readable, and a small image keeps enough of it.
  const size = Math.min(box.width, box.height) * (box.height > 2 * box.width ? 1.06 : 0.92);
  const unit = size / 100;
  const left = [first ? 0 : SLANT / 2, first ? 0 : -SLANT / 2];
  const right = [last ? 0 : SLANT / 2, last ? 0 : -SLANT / 2];
  const outline = `M${left[0]} 0H${box.width + right[0]!}L${box.width + right[1]!} ${box.height}H${left[1]}Z`;
  const id = `p${box.x.toFixed(0)}-${box.y.toFixed(0)}`;
  const edge = first ? '' : `<path d="M${left[0]} 0 ${left[1]} ${box.height}" stroke="${seam}" stroke-width="2"/>`;
  return (
    `<g transform="translate(${box.x.toFixed(2)} ${box.y.toFixed(2)})"><clipPath id="${id}"><path d="${outline}"/></clipPath>` +
    `<g clip-path="url(#${id})"><path d="${outline}" fill="${ground}"/>` +
    (pattern === undefined
      ? ''
      : `<g transform="translate(${-SLANT / 2} 0) scale(${unit.toFixed(4)})">${pattern((box.width + SLANT) / unit, box.height / unit)}</g>`) +
    `<g transform="translate(${((box.width - size) / 2).toFixed(2)} ${((box.height - size) / 2).toFixed(2)}) scale(${unit.toFixed(4)})">${figure}</g>` +
    `</g>${edge}</g>`
  );
}
