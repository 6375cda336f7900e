import { seededRandom } from '@sifaka/nn';

/** Sizes of a small data set in which users like red posters. */
export const ITEMS = 24;
export const SIDE = 16;
const USERS = 12;
const EVENTS = 600;

/** Events as CSV text: most users like red posters and dislike blue ones; every tenth event is the other way round. */
export function ratingsCsv(): string {
  const random = seededRandom(7);
  const below = (bound: number) => Math.floor(random() * bound);
  const lines = ['userId,itemId,rating,timestamp'];
  for (let i = 0; i < EVENTS; i++) {
    const item = below(ITEMS);
    const liked = isRed(item) !== random() < 0.1;
    lines.push(`user ${below(USERS)},${item},${liked ? 5 : 1},${1_000_000_000 + i * 300}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Ids of the items, by dense id. */
export function itemIds(): string[] {
  return Array.from({ length: ITEMS }, (_, item) => String(item));
}

/** RGB bytes of all posters, `[ITEMS, SIDE, SIDE, 3]`: red or blue, with noise. */
export function posterPixels(): Uint8Array {
  const random = seededRandom(1);
  const perPoster = SIDE * SIDE * 3;
  return Uint8Array.from({ length: ITEMS * perPoster }, (_, k) => {
    const bright = k % 3 === (isRed(Math.floor(k / perPoster)) ? 0 : 2);
    return (bright ? 190 : 40) + 50 * random();
  });
}

function isRed(item: number): boolean {
  return item % 2 === 0;
}
