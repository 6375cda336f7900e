import type { NewItem } from './read-new-items.js';

/**
 * Checks the ids and texts of new items.
 *
 * @returns their ids as text
 * @throws RangeError naming the position of the first invalid item and the reason.
 */
export function checkNewItems(where: string, items: readonly NewItem[]): string[] {
  return items.map((item, index) => {
    const at = `${where}: item ${index}`;
    if (typeof item !== 'object' || item === null) throw new RangeError(`${at}: expected an object, got ${show(item)}`);
    for (const name of ['title', 'text'] as const) {
      const value: unknown = item[name];
      if (value === undefined || typeof value === 'string') continue;
      throw new RangeError(`${at}: ${name}: expected text or undefined, got ${show(value)}`);
    }
    const image: unknown = item.image;
    if (image !== undefined && typeof image !== 'string' && !(image instanceof Uint8Array)) {
      throw new RangeError(`${at}: image: expected a path, the bytes of a file or undefined, got ${show(image)}`);
    }
    return checkItemId(at, item.id);
  });
}

/** @throws RangeError unless the id is text that is not empty, or a whole number that a number holds exactly. */
export function checkItemId(where: string, id: unknown): string {
  if (typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id))) return String(id);
  if (typeof id === 'string' && id !== '' && !/\p{Surrogate}/u.test(id)) return id;
  throw new RangeError(`${where}: id: expected text or a whole number up to 2⁵³ − 1, got ${show(id)}`);
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
