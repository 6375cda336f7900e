import { quoted } from '../rows/quoted.js';
import { eventOrder, inOrder } from './event-order.js';
import { IdIndex } from './id-index.js';
import type { Interactions } from './interactions.js';
import { checkId, type OutsideId } from './outside-id.js';

export interface BuildInteractionsOptions {
  /**
   * The item catalogue. Dense item ids follow its order, so that they agree with an item table; items outside it come
   * after it. Default: no catalogue, only the items of the events, in the order of their sorted ids. An item
   * table may have another order: compare `itemIds` with {@link assertSameIds}.
   */
  readonly itemIds?: readonly string[];
}

export interface BuiltInteractions {
  readonly interactions: Interactions;
  readonly counts: {
    /** Events left out because an earlier one has the same user, item and timestamp. */
    readonly duplicates: number;
    /** Events kept although their item is not in the catalogue; 0 without a catalogue. */
    readonly unknownItems: number;
  };
}

/**
 * Collects events one by one and numbers users and items densely.
 *
 * Dense ids are in the order of the sorted ids: whole numbers by value, then all other ids by code unit. The same
 * events therefore give the same dense ids in whatever order they are added.
 */
export class InteractionBuilder {
  readonly #userIndex = new IdIndex('InteractionBuilder: users');
  readonly #itemIndex = new IdIndex('InteractionBuilder: items');
  readonly #users: number[] = [];
  readonly #items: number[] = [];
  readonly #ratings: number[] = [];
  readonly #timestamps: number[] = [];

  /**
   * Adds an event.
   *
   * @param timestamp Unix seconds
   * @throws RangeError if an id is empty or not a safe integer, or rating or timestamp is not a finite number. Nothing
   *   is added.
   */
  add(user: OutsideId, item: OutsideId, rating: number, timestamp: number): void {
    const userId = checkId('InteractionBuilder.add', 'user', user);
    const itemId = checkId('InteractionBuilder.add', 'item', item);
    if (!Number.isFinite(rating) || !Number.isFinite(timestamp)) {
      throw new RangeError(
        `InteractionBuilder.add: expected finite numbers, got rating ${quoted(rating)}, timestamp ${quoted(timestamp)}`,
      );
    }
    this.#users.push(this.#userIndex.add(userId));
    this.#items.push(this.#itemIndex.add(itemId));
    this.#ratings.push(rating);
    this.#timestamps.push(timestamp);
  }

  /**
   * Builds interactions from the events added so far. Among events with the same user, item and timestamp it keeps the
   * first added.
   *
   * @throws RangeError if the catalogue repeats an id or holds an empty one.
   */
  build({ itemIds: catalogue = [] }: BuildInteractionsOptions = {}): BuiltInteractions {
    const listed = new IdIndex('InteractionBuilder.build: itemIds', catalogue);
    const userIds = [...this.#userIndex.ids].sort(compareIds);
    const unlisted = this.#itemIndex.ids.filter((id) => listed.find(id) < 0).sort(compareIds);
    const itemIds = [...catalogue, ...unlisted];
    const users = renumber(this.#users, this.#userIndex, userIds);
    const items = renumber(this.#items, this.#itemIndex, itemIds);
    const timestamps = new Float64Array(this.#timestamps);

    // The order is stable, so the first of equal events is the first added.
    const order = eventOrder({ timestamps, users, items }).filter((event, i, all) => {
      const previous = all[i - 1];
      return (
        previous === undefined ||
        timestamps[event] !== timestamps[previous] ||
        users[event] !== users[previous] ||
        items[event] !== items[previous]
      );
    });
    const interactions: Interactions = {
      length: order.length,
      users: inOrder(users, order),
      items: inOrder(items, order),
      ratings: inOrder(new Float64Array(this.#ratings), order),
      timestamps: inOrder(timestamps, order),
      userIds,
      itemIds,
    };
    const unknownItems =
      listed.size === 0 ? 0 : interactions.items.reduce((count, item) => count + (item >= listed.size ? 1 : 0), 0);
    return { interactions, counts: { duplicates: users.length - order.length, unknownItems } };
  }
}

/** Numbers in the order of the index → numbers in the order of `ids`. */
function renumber(numbers: readonly number[], index: IdIndex, ids: readonly string[]): Int32Array {
  const dense = new Int32Array(index.size);
  ids.forEach((id, i) => {
    const number = index.find(id);
    if (number >= 0) dense[number] = i;
  });
  return Int32Array.from(numbers, (number) => dense[number]!);
}

const WHOLE_NUMBER = /^(0|[1-9]\d*)$/;

function compareIds(a: string, b: string): number {
  const aIsNumber = WHOLE_NUMBER.test(a);
  if (aIsNumber !== WHOLE_NUMBER.test(b)) return aIsNumber ? -1 : 1;
  // Without leading zeros the longer number is the larger one. Number() would lose digits of long ids.
  if (aIsNumber && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
