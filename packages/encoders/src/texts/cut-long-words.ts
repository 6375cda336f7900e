type Kind = 'letter' | 'number' | 'space' | 'mark' | 'other';

/**
 * Cuts words of more than `longest` characters, because the time to learn merges grows with the square of a word's
 * length. The tokenizer splits a text into words: runs of letters, of numbers, or of other characters. Spaces beyond
 * the limit are dropped too, which changes nothing, because white space becomes single spaces.
 *
 * A text without such a run is returned as it is.
 */
export function cutLongWords(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let kept = '';
  let start = 0;
  let at = 0;
  let current: Kind | undefined;
  let run = 0;
  for (const character of text) {
    // Normalisation may turn one character into several. Marks join the run before them, because they may be composed
    // with its letters.
    for (const kind of kindsOf(character)) {
      if (kind === current || (kind === 'mark' && current !== undefined)) run++;
      else {
        current = kind;
        run = 1;
      }
    }
    if (run > longest) {
      kept += text.slice(start, at);
      start = at + character.length;
    }
    at += character.length;
  }
  return start === 0 ? text : kept + text.slice(start);
}

const known = new Map<string, readonly Kind[]>();

function kindsOf(character: string): readonly Kind[] {
  let kinds = known.get(character);
  if (kinds === undefined) {
    kinds = Array.from(character.normalize('NFKC'), kindOf);
    known.set(character, kinds);
  }
  return kinds;
}

function kindOf(character: string): Kind {
  if (/\s/u.test(character)) return 'space';
  if (/\p{L}/u.test(character)) return 'letter';
  if (/\p{N}/u.test(character)) return 'number';
  return /\p{M}/u.test(character) ? 'mark' : 'other';
}
