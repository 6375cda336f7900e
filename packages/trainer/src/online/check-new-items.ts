import { checkId } from '@sifaka/data';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { NewItem } from './read-new-items.js';

/**
 * Checks the ids, texts and categories of new items.
 *
 * @param catalogue the catalogue that the items will be added to
 * @returns their ids as text
 * @throws RangeError naming the position of the first invalid item and the reason.
 */
export function checkNewItems(
  where: string,
  items: readonly NewItem[],
  catalogue: Pick<Catalogue, 'categories'>,
): string[] {
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
    checkCategories(`${at}: categories`, item.categories, catalogue);
    return checkId(at, 'id', item.id);
  });
}

function checkCategories(at: string, ids: unknown, { categories }: Pick<Catalogue, 'categories'>): void {
  if (ids === undefined) return;
  if (!Array.isArray(ids)) throw new RangeError(`${at}: expected an array of category ids, got ${show(ids)}`);
  const wrong: unknown = ids.find((id: unknown) => !(typeof id === 'number' && (id | 0) === id && id >= 0));
  if (wrong !== undefined || ids.includes(undefined)) {
    throw new RangeError(`${at}: expected category ids in 0 … 2³¹ − 1, got ${show(wrong)}`);
  }
  if (categories === undefined) {
    throw new RangeError(`${at}: expected none, because the catalogue has no categories, got ${ids.length}`);
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
