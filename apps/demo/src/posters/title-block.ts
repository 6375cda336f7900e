import { CAP_HEIGHT, letterLine, lineWidth } from './lettering.js';

/** A rectangle on the poster, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LARGEST = 30;
const SMALLEST = 8;
/** Baseline to baseline, as a share of the font size. Lines are close, because they have capitals only. */
const LINE_STEP = 1.02;
const MAX_LINES = 4;

/**
 * Sets a title in capitals, as large as fits the box, on at most four lines, centred both ways.
 *
 * A title that does not fit at the smallest size is cut and ends in `…`.
 *
 * @returns SVG.
 */
export function titleBlock(title: string, box: Box, ink: string): string {
  const words = title.toUpperCase().split(/\s+/).filter(Boolean);
  const { size, lines } = fit(words, box);
  const top = box.y + (box.height - heightOf(lines.length, size)) / 2 + size * CAP_HEIGHT;
  return lines.map((text, i) => centred(text, size, box.x + box.width / 2, top + i * size * LINE_STEP, ink)).join('');
}

/** One line of text, centred on `x`, its baseline at `y`. */
export function centred(text: string, size: number, x: number, y: number, ink: string): string {
  const { path, width } = letterLine(text, size);
  if (path === '') return '';
  return `<path transform="translate(${(x - width / 2).toFixed(2)} ${y.toFixed(2)})" d="${path}" fill="${ink}"/>`;
}

function fit(words: readonly string[], box: Box): { size: number; lines: readonly string[] } {
  for (let size = LARGEST; size > SMALLEST; size -= 1) {
    const lines = wrap(words, size, box.width);
    if (lines !== undefined && heightOf(lines.length, size) <= box.height) return { size, lines };
  }
  return { size: SMALLEST, lines: cut(words, box) };
}

/** Fills lines word by word. @returns undefined if a word is wider than the box or there are too many lines. */
function wrap(words: readonly string[], size: number, width: number): readonly string[] | undefined {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthAt(longer, size) <= width) lines[lines.length - 1] = longer;
    else if (widthAt(word, size) <= width) lines.push(word);
    else return undefined;
  }
  return lines.length <= MAX_LINES ? lines : undefined;
}

function cut(words: readonly string[], box: Box): readonly string[] {
  const lines: string[] = [''];
  for (const word of words.map((w) => shorten(w, box.width))) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (widthAt(longer, SMALLEST) <= box.width) lines[lines.length - 1] = longer;
    else if (heightOf(lines.length + 1, SMALLEST) <= box.height && lines.length < MAX_LINES) lines.push(word);
    else {
      lines[lines.length - 1] = shorten(`${lines.at(-1)}…`, box.width);
      break;
    }
  }
  return lines;
}

function shorten(text: string, width: number): string {
  let kept = text;
  while (widthAt(kept, SMALLEST) > width) kept = `${kept.replace(/…$/, '').slice(0, -1)}…`;
  return kept;
}

const widths = new Map<string, number>();

function widthAt(text: string, size: number): number {
  let width = widths.get(text);
  if (width === undefined) {
    width = lineWidth(text);
    if (widths.size > 10_000) widths.clear();
    widths.set(text, width);
  }
  return width * size;
}

/** Height of a block of lines, from the top of its first capitals to its last baseline. */
function heightOf(lines: number, size: number): number {
  return size * (CAP_HEIGHT + LINE_STEP * (lines - 1));
}
