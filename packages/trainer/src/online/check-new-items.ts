import { checkId } from '@sifaka/data';
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
    return checkId(at, 'id', item.id);
  });
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
