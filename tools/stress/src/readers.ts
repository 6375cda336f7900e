import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parseInteractions, parseItems, TableError } from '@sifaka/data';
import { readInteractions, readItems } from '@sifaka/data/tables';
import { decodeImage, ImageError, TextTokenizer, TokenizerError } from '@sifaka/encoders/node';
import { MemoryBank, readBankSnapshot, writeBankSnapshot } from '@sifaka/memory-bank';
import { readSafetensors, seededRandom, writeSafetensors } from '@sifaka/nn';
import sharp from 'sharp';

export interface Reader {
  readonly name: string;
  readonly original: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
  /** Whether this error tells the user what is wrong with the input. */
  readonly expects: (error: unknown) => boolean;
}

/** Every reader of foreign bytes, with an input that it accepts. */
export async function readers(folder: string): Promise<Reader[]> {
  return [...(await tables(folder)), ...(await images()), ...(await texts()), ...tensors()];
}

async function tables(folder: string): Promise<Reader[]> {
  const rows = Array.from({ length: 30 }, (_, i) => ({ userId: `u${i % 5}`, itemId: String(i), rating: 1 + (i % 5) }));
  const events = rows.map((row, i) => ({ ...row, timestamp: 1_000_000_000 + i }));
  const line = (values: object) => Object.values(values).join(',');
  const csv = ['userId,itemId,rating,timestamp', ...events.map(line)].join('\n');
  const items = ['itemId,title', ...rows.map(({ itemId }) => `${itemId},"A ""film"", of ${itemId}"`)].join('\r\n');
  const lines = events.map((event) => JSON.stringify(event)).join('\n');
  const parquet = await parquetOf(folder, path.join(folder, 'original.csv'), csv);

  const fromFile = (kind: string, read: (file: string) => unknown) => async (bytes: Uint8Array) => {
    const file = path.join(folder, `table.${kind}`);
    await writeFile(file, bytes);
    return read(file);
  };
  const expects = TableError.isInstance;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return [
    { name: 'CSV text of events', original: utf8(csv), read: (bytes) => parseInteractions(text(bytes)), expects },
    { name: 'CSV text of items', original: utf8(items), read: (bytes) => parseItems(text(bytes)), expects },
    { name: 'CSV file of events', original: utf8(csv), read: fromFile('csv', readInteractions), expects },
    { name: 'CSV file of items', original: utf8(items), read: fromFile('csv', readItems), expects },
    { name: 'JSON lines', original: utf8(lines), read: fromFile('jsonl', readInteractions), expects },
    { name: 'JSON array', original: utf8(JSON.stringify(events)), read: fromFile('json', readInteractions), expects },
    { name: 'Parquet', original: parquet, read: fromFile('parquet', readInteractions), expects },
  ];
}

async function parquetOf(folder: string, source: string, csv: string): Promise<Uint8Array> {
  await writeFile(source, csv);
  const file = path.join(folder, 'original.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT * FROM '${source}') TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();

  return readFile(file);
}

async function images(): Promise<Reader[]> {
  const random = seededRandom(5);
  const noise = Uint8Array.from({ length: 24 * 24 * 3 }, () => 256 * random());
  const picture = () => sharp(noise, { raw: { width: 24, height: 24, channels: 3 } });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="9" cy="9" r="7"/></svg>';
  const files = {
    JPEG: await picture().jpeg().toBuffer(),
    'progressive JPEG': await picture().jpeg({ progressive: true }).toBuffer(),
    PNG: await picture().png().toBuffer(),
    WebP: await picture().webp().toBuffer(),
    GIF: await picture().gif().toBuffer(),
    SVG: utf8(svg),
  };
  return Object.entries(files).map(([name, original]) => ({
    name,
    original,
    read: (bytes) => decodeImage(bytes, { width: 16, height: 16 }),
    expects: ImageError.isInstance,
  }));
}

async function texts(): Promise<Reader[]> {
  const tokenizer = await TextTokenizer.train(['A film of a film', 'Another film, with Ünïcode'], {
    vocabularySize: 280,
  });
  const expects = TokenizerError.isInstance;
  const text = (bytes: Uint8Array) => new TextDecoder('utf-16le').decode(bytes) + new TextDecoder().decode(bytes);
  return [
    {
      name: 'tokenizer',
      original: utf8(tokenizer.toJSON()),
      read: (bytes) => TextTokenizer.fromJSON(new TextDecoder().decode(bytes)).encode('A film'),
      expects,
    },
    {
      name: 'text',
      original: utf8('A film of Ünïcode, 電影, and 🎬. '.repeat(20)),
      read: (bytes) => tokenizer.encodeBatch([text(bytes), ''], { maxLength: 8 }),
      expects: () => false, // Every text has tokens.
    },
  ];
}

function tensors(): Reader[] {
  const bank = new MemoryBank({ dim: 4 });
  const ids = Int32Array.of(0, 3, 5);
  bank.write(
    ids,
    Float32Array.from({ length: 12 }, (_, k) => k),
    2,
  );
  const snapshot = writeBankSnapshot(bank.snapshot());
  const file = writeSafetensors(
    new Map([
      ['a.weight', { dtype: 'F32', shape: [2, 3], data: Float32Array.from({ length: 6 }, (_, k) => k) }],
      ['b', { dtype: 'I32', shape: [], data: Int32Array.of(7) }],
    ]),
    { about: 'a test' },
  );
  const from = (prefix: RegExp) => (error: unknown) =>
    error instanceof Error && !(error instanceof TypeError) && prefix.test(error.message);
  return [
    { name: 'safetensors', original: file, read: readSafetensors, expects: from(/^readSafetensors: /) },
    {
      name: 'bank snapshot',
      original: snapshot,
      read: (bytes) => MemoryBank.from(readBankSnapshot(bytes)),
      expects: from(/^(readSafetensors|readBankSnapshot|MemoryBank(\.\w+)?|vectorCodec): /),
    },
  ];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
