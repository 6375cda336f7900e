import { IdIndex } from '@sifaka/data';
import { describe, expect, it } from 'vitest';

describe('IdIndex', () => {
  it('numbers ids from 0 in the order in which they are added', () => {
    const index = new IdIndex('test', ['b', 'a']);
    expect([index.add('c'), index.add('b'), index.find('a'), index.find('d')]).toEqual([2, 0, 1, -1]);
    expect([index.ids, index.size]).toEqual([['b', 'a', 'c'], 3]);
  });

  it('refuses new ids beyond its capacity', () => {
    const index = new IdIndex('test', ['a'], 2);
    expect([index.hasRoomFor('b'), index.add('b'), index.hasRoomFor('c'), index.add('c')]).toEqual([
      true,
      1,
      false,
      -1,
    ]);
    expect([index.hasRoomFor('a'), index.add('a')]).toEqual([true, 0]);
    expect(() => new IdIndex('test', ['a', 'b', 'c'], 2)).toThrow('test: expected at most 2 ids, got 3');
  });

  it('follows a longer list', () => {
    const index = new IdIndex('test', ['a']);
    index.follow(['a', 'b', 'c']);
    index.follow(['a', 'b']);
    expect(index.ids).toEqual(['a', 'b', 'c']);
    expect(() => index.follow(['a', 'b', 'c', 'd', 'b'])).toThrow('test: expected distinct ids, got "b" twice');
  });
});
