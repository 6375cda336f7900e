/// <reference path="./opentype.d.ts" />
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype, { type Font, type Glyph, type PathCommand } from 'opentype.js';

/** One line of text as SVG path data, its left end at x = 0 and its baseline at y = 0. */
export interface Line {
  readonly path: string;
  readonly width: number;
}

/** Height of a capital letter as a share of the font size (OS/2 table of Oswald: 810 of 1,000). */
export const CAP_HEIGHT = 0.81;

/** A glyph at font size 1, ready to be scaled. */
interface Letter {
  readonly font: Font;
  readonly glyph: Glyph;
  readonly advance: number;
  readonly outline: readonly PathCommand[];
}

// Oswald is an open font (SIL OFL 1.1), split into files by script. A character comes from the first file that has it.
const FACES = ['latin', 'latin-ext', 'cyrillic'] as const;
let fonts: readonly Font[] | undefined;
const letters = new Map<string, Letter | undefined>();

/**
 * Outlines a text in Oswald. Characters that the font lacks are replaced by their base letter (`ǎ` → `a`) or left out,
 * so any text can be set. The path is empty if nothing is left.
 *
 * @param size Font size in pixels.
 */
export function letterLine(text: string, size: number): Line {
  let path = '';
  const width = layOut(text, ({ outline }, x) => {
    path += outlineAt(outline, x, size);
  });
  return { path, width: width * size };
}

/** Width of a text at font size 1. */
export function lineWidth(text: string): number {
  return layOut(text, () => {});
}

/** Lays out a text at font size 1, letter by letter with kerning. @returns the width. */
function layOut(text: string, visit: (letter: Letter, x: number) => void): number {
  // opentype.js 2.0 cannot shape every table of this font, and capitals need kerning only.
  let x = 0;
  let previous: Letter | undefined;
  for (const character of text) {
    const letter = letterFor(character);
    if (letter === undefined) continue;
    if (previous?.font === letter.font) {
      x += letter.font.getKerningValue(previous.glyph, letter.glyph) / letter.font.unitsPerEm;
    }
    visit(letter, x);
    x += letter.advance;
    previous = letter;
  }
  return x;
}

function letterFor(character: string): Letter | undefined {
  if (!letters.has(character)) letters.set(character, findLetter(character) ?? findLetter(baseLetter(character)));
  return letters.get(character);
}

function findLetter(character: string): Letter | undefined {
  fonts ??= FACES.map(loadFont);
  const font = fonts.find((face) => face.charToGlyphIndex(character) > 0);
  if (font === undefined) return undefined;
  const glyph = font.charToGlyph(character);
  return { font, glyph, advance: glyph.advanceWidth / font.unitsPerEm, outline: glyph.getPath(0, 0, 1).commands };
}

function baseLetter(character: string): string {
  return String.fromCodePoint(character.normalize('NFD').codePointAt(0)!);
}

function loadFont(face: (typeof FACES)[number]): Font {
  const file = createRequire(import.meta.url).resolve(`@fontsource/oswald/files/oswald-${face}-600-normal.woff`);
  return opentype.parse(new Uint8Array(readFileSync(file)).buffer);
}

function outlineAt(outline: readonly PathCommand[], x: number, size: number): string {
  // Tenths of a pixel are finer than the raster, and keep the SVG short.
  const point = (px: number, py: number): string =>
    `${Math.round((px + x) * size * 10) / 10} ${Math.round(py * size * 10) / 10}`;
  let path = '';
  for (const c of outline) {
    if (c.type === 'M' || c.type === 'L') path += c.type + point(c.x, c.y);
    else if (c.type === 'Q') path += `Q${point(c.x1, c.y1)} ${point(c.x, c.y)}`;
    else if (c.type === 'C') path += `C${point(c.x1, c.y1)} ${point(c.x2, c.y2)} ${point(c.x, c.y)}`;
    else path += 'Z';
  }
  return path;
}
