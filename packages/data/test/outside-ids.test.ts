import { checkId, IdIndex, InteractionBuilder, parseInteractions, parseItems, SampleStream } from '@sifaka/data';
import { readInteractions, readItems, readQueryLog } from '@sifaka/data/tables';
import { describe, expect, it } from 'vitest';
import { tableFolder } from './table-folder.js';

const { write, writeParquet } = tableFolder();
const TIME = 1_000_000_000;

const BAD_IDS: [unknown, string][] = [
  ['', 'got ""'],
  [null, 'got null'],
  [undefined, 'got undefined'],
  [Number.NaN, 'got NaN'],
  [2 ** 53, 'got 9007199254740992, which is not a safe integer: give it as text'],
  [1.5, 'got 1.5, which is not a safe integer'],
  ['\ud83d', 'got "\\ud83d", which is not well-formed Unicode'],
  [{ id: 7 }, 'got an object'],
  [true, 'got true'],
];

describe('checkId', () => {
  it('makes a number and its text the same id', () => {
    expect([7, 7n, '7', 2 ** 53 - 1, 2n ** 64n, '🎬', ' '].map((id) => checkId('test', 'user', id))).toEqual([
      ...['7', '7', '7', '9007199254740991', '18446744073709551616', '🎬', ' '],
    ]);
  });

  it.each(BAD_IDS)('refuses %o', (id, message) => {
    expect(() => checkId('test', 'user', id)).toThrow(`test: expected an id as user, ${message}`);
  });
});

describe('ids are checked at every door', () => {
  it.each(BAD_IDS)('streams and builders refuse %o', (id, message) => {
    const stream = new SampleStream({ batchSize: 1 });
    const builder = new InteractionBuilder();
    const bad = id as string;
    expect(() => stream.push({ user: bad, item: 1, label: 1, timestamp: TIME })).toThrow(`an id as user, ${message}`);
    expect(() => stream.push({ user: 1, item: bad, label: 1, timestamp: TIME })).toThrow(`an id as item, ${message}`);
    expect(() => stream.histories(bad)).toThrow(`SampleStream.histories: expected an id as user, ${message}`);
    expect(() => builder.add(bad, 'i', 5, TIME)).toThrow(`InteractionBuilder.add: expected an id as user, ${message}`);
    expect(() => builder.add('u', bad, 5, TIME)).toThrow(`InteractionBuilder.add: expected an id as item, ${message}`);
    expect(() => builder.build({ itemIds: ['a', bad] })).toThrow('InteractionBuilder.build: itemIds: expected an id');
    expect(() => new IdIndex('test', [bad])).toThrow('test: expected an id');
    expect(() => new SampleStream({ batchSize: 1, itemIds: [bad] })).toThrow('SampleStream: itemIds: expected an id');
    expect(stream.counts.events).toBe(0);
    expect(builder.build().interactions.length).toBe(0);
  });

  it('streams and builders take numbers, bigints and texts as the same id', () => {
    const stream = new SampleStream({ batchSize: 1 });
    const builder = new InteractionBuilder();
    for (const [k, user] of [9007199254740991, 9007199254740991n, '9007199254740991'].entries()) {
      stream.push({ user, item: k, label: 1, timestamp: TIME + k });
      builder.add(user, k, 5, TIME + k);
    }
    expect(stream.userIds).toEqual(['9007199254740991']);
    expect(builder.build().interactions.userIds).toEqual(['9007199254740991']);
  });

  const EMPTY = 'got an empty cell';
  it('an empty text in JSON, JSON lines and Parquet', async () => {
    const event = '{"userId":"u","itemId":"x","rating":5,"timestamp":1000000000}';
    for (const [name, json] of Object.entries({ 'e.jsonl': `${event}\n%\n`, 'e.json': `[${event},%]` })) {
      const noUser = write(name, json.replace('%', event.replace('"u"', '""')));
      await expect(readInteractions(noUser)).rejects.toThrow(`expected an id in userId, ${EMPTY}`);
      await expect(readInteractions(noUser)).rejects.toMatchObject({ row: 2, column: 'userId' });
      const noItem = write(name, json.replace('%', event.replace('"x"', '""')));
      await expect(readInteractions(noItem)).rejects.toThrow(`expected an id in itemId, ${EMPTY}`);
    }
    await expect(readItems(write('i.jsonl', '{"itemId":""}\n'))).rejects.toThrow(`expected an id in itemId, ${EMPTY}`);
    const parquet = await writeParquet('empty.parquet', `SELECT '' AS "itemId"`);
    await expect(readItems(parquet)).rejects.toThrow(`expected an id in itemId, ${EMPTY}`);
    expect(() => parseItems('itemId,title\n"",x\n')).toThrow(EMPTY);
  });

  it('whole numbers in floating-point columns of Parquet, and none that was rounded', async () => {
    const ids = await writeParquet(
      'doubles.parquet',
      'SELECT * FROM (VALUES (7::DOUBLE), (9007199254740991)) t("itemId")',
    );
    expect((await readItems(ids)).ids).toEqual(['7', '9007199254740991']);
    const rounded = await writeParquet('rounded.parquet', 'SELECT 9007199254740992::DOUBLE AS "itemId"');
    await expect(readItems(rounded)).rejects.toThrow('got 9007199254740992, which is not a safe integer');
    const floats = await writeParquet('floats.parquet', 'SELECT * FROM (VALUES (7::FLOAT), (16777216)) t("itemId")');
    expect((await readItems(floats)).ids).toEqual(['7', '16777216']);
    const roundedFloat = await writeParquet('rounded32.parquet', 'SELECT 16777217::FLOAT AS "itemId"');
    expect((await readItems(roundedFloat)).ids).toEqual(['16777216']);
    const tooLarge = await writeParquet('large32.parquet', 'SELECT 16777218::FLOAT AS "itemId"');
    await expect(readItems(tooLarge)).rejects.toThrow('expected an id in itemId, got NaN');
    const exact = await writeParquet('exact.parquet', 'SELECT 9007199254740993::BIGINT AS "itemId"');
    expect((await readItems(exact)).ids).toEqual(['9007199254740993']);
  });

  it('of query logs, where an empty cell is counted as unknown', async () => {
    const options = { userIds: ['7'], itemIds: ['a'] };
    const file = write(
      'q.jsonl',
      ['""', 'null', '7'].map((id) => `{"userId":${id},"itemId":"","query":"q","timestamp":1000000000}`).join('\n'),
    );
    const { log, counts } = await readQueryLog(file, options);
    expect([[...log.users], [...log.items]]).toEqual([[0], [-1]]);
    expect(counts).toEqual({ rows: 3, unknownUsers: 2, unknownItems: 1, emptyTexts: 0 });
    const rounded = await writeParquet(
      'q.parquet',
      `SELECT 9007199254740992::DOUBLE AS "userId", 'a' AS "itemId", 'q' AS query, 1000000000 AS "timestamp"`,
    );
    await expect(readQueryLog(rounded, options)).rejects.toThrow(
      'expected an id in userId, got 9007199254740992, which',
    );
    await expect(readQueryLog(file, { ...options, userIds: ['7', '7'] })).rejects.toThrow('got "7" twice');
  });
});

describe('messages', () => {
  const control = '\u001b[31mred\u009b1m\u202e';
  const shown = '\\u001b[31mred\\u009b1m\\u202e';

  it('escape whatever a terminal would obey, in ids, cells, columns and names of files', () => {
    const csv = (rating: string) => `userId,itemId,rating,timestamp\nu,i,${rating},${TIME}\n`;
    expect(() => parseInteractions(csv(control))).toThrow(`expected a number in rating, got "${shown}" (`);
    expect(() => parseInteractions(csv('x'), { name: control })).toThrow(`(${shown}, line 2`);
    expect(() => parseInteractions(`${control}\nx\n`)).toThrow(`found columns: ${shown} (`);
    expect(() => new IdIndex('test', [control, control])).toThrow(`got "${shown}" twice`);
    const stream = new SampleStream({ batchSize: 1 });
    expect(() => stream.push({ user: 'u', item: 'i', rating: control as unknown as number, timestamp: TIME })).toThrow(
      `got rating "${shown}"`,
    );
  });

  it('quote long texts in part', () => {
    const long = 'x'.repeat(1e6);
    const message = (csv: string): string => {
      try {
        parseInteractions(csv);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    expect(message(`userId,itemId,rating,timestamp\nu,i,${long},${TIME}\n`)).toContain('"… (1000000 characters)');
    expect(message(`${long}\nx\n`).length).toBeLessThan(1500);
    expect(message(`${'a,'.repeat(1000)}\nx\n`)).toContain(', a, a and 951 more (');
  });
});
