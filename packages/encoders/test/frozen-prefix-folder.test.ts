import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FineTunedEncoder, FrozenPrefixCache, ImageEncoder, TextEncoder, type TokenBatch } from '@sifaka/encoders';
import { FrozenPrefixFolder, type FrozenPrefixFolderOptions } from '@sifaka/encoders/node';
import { add, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { folderMaker } from './tiny-checkpoint.js';

const PROGRAM = fileURLToPath(new URL('frozen-prefix-folder-program.mjs', import.meta.url));

/** Processes that compile their sources start slowly on a busy machine. */
const SLOW = { timeout: 300_000 };

const makeFolder = folderMaker();
let folder: string;
beforeEach(() => {
  folder = makeFolder();
});

/** Counts the rows that it computes. */
class CountingEncoder extends TextEncoder {
  computed = 0;

  override embed(input: TokenBatch): Tensor {
    this.computed += input.lengths.length;
    return super.embed(input);
  }
}

const SIZES = { vocabularySize: 9, maxLength: 6, dim: 8, depth: 3, heads: 2, seed: 1 };

function texts(rows: readonly (readonly number[])[], length: number): TokenBatch {
  const ids = Int32Array.from(rows.flatMap((row) => Array.from({ length }, (_, i) => row[i] ?? 0)));
  return { ids, length, lengths: Int32Array.from(rows, (row) => row.length) };
}

interface Run {
  readonly sizes?: Partial<typeof SIZES>;
  readonly blocks?: number;
  /** Changes the encoder before it runs. */
  readonly prepare?: (encoder: FineTunedEncoder<TokenBatch>) => void;
  readonly batch?: TokenBatch;
}

/** One run of a program with a new model: what it computed, and its tokens. */
function run({ sizes, blocks = 1, prepare, batch = texts([[1, 2, 3], [4], []], 3) }: Run = {}) {
  const encoder = new CountingEncoder({ ...SIZES, ...sizes });
  const cache = new FrozenPrefixCache({ store: new FrozenPrefixFolder(folder) });
  const tuned = new FineTunedEncoder(encoder, { train: { kind: 'top', blocks }, cache, seed: 1 });
  prepare?.(tuned);
  const tokens = tidy(() => Float32Array.from(tuned.forward(batch).tokens.dataSync()));
  const { computed } = encoder;
  const { counts } = cache;
  tuned.dispose();
  return { computed, counts, tokens };
}

const layers = { description: 'processes', weights: new Map() };
const open = (options?: FrozenPrefixFolderOptions) => new FrozenPrefixFolder(folder, options).open(layers);
const keyOf = (row: number) => row.toString(16).padStart(32, '0');
const valuesOf = (row: number) => new Float32Array(1 + (row % 7)).fill(row);

/** All files with rows, in all folders. */
function rowFiles(): string[] {
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.filter((name) => name.endsWith('.rows')).map((name) => path.join(folder, name));
}

describe('an encoder with a cache in a folder', () => {
  it('reads everything in a second run, exactly as it was computed, and never runs the frozen layers', () => {
    const first = run();
    expect(first.computed).toBe(3);
    const second = run();
    expect(second.computed).toBe(0);
    expect(second.counts).toMatchObject({ hits: 3, stored: 3, misses: 0 });
    expect(second.tokens).toEqual(first.tokens);
    const more = run({ batch: texts([[4], [5, 6], [1, 2, 3]], 4) }); // seen, with other padding, and a new one
    expect(more.computed).toBe(1);
    expect(run({ batch: texts([[5, 6]], 2) }).computed).toBe(0);
  });

  it('computes again what other frozen weights, blocks or architectures computed', () => {
    run();
    const change = (which: 'parameters' | 'frozenParameters') => (encoder: FineTunedEncoder<TokenBatch>) => {
      const [variable] = encoder[which].values();
      tidy(() => variable!.assign(add(variable as Tensor, 2 ** -20)));
    };
    expect(run({ prepare: change('parameters') }).computed).toBe(0); // a weight above does not matter
    expect(run({ prepare: change('frozenParameters') }).computed).toBe(3);
    expect(run({ prepare: change('frozenParameters') }).computed).toBe(0);
    expect(run({ blocks: 2 }).computed).toBe(3);
    expect(run({ sizes: { heads: 4 } }).computed).toBe(3); // with equal weights
    expect(run({ sizes: { seed: 2 } }).computed).toBe(3);
    expect(run().computed).toBe(0);
  });

  it('notices that weights change in the middle of a run', () => {
    const batch = texts([[1, 2]], 2);
    const encoder = new CountingEncoder(SIZES);
    const cache = new FrozenPrefixCache({ store: new FrozenPrefixFolder(folder) });
    const tuned = new FineTunedEncoder(encoder, { train: { kind: 'frozen' }, cache, seed: 1 });
    const tokens = () => tidy(() => Float32Array.from(tuned.forward(batch).tokens.dataSync()));
    const before = tokens();
    const [variable] = tuned.frozenParameters.values();
    tidy(() => variable!.assign(mul(variable as Tensor, -1)));
    expect(tokens()).not.toEqual(before);
    tidy(() => variable!.assign(mul(variable as Tensor, -1)));
    expect(tokens()).toEqual(before);
    expect(encoder.computed).toBe(2);
    tuned.dispose();
  });

  it('keeps the rows of images and of texts apart', () => {
    const store = new FrozenPrefixFolder(folder);
    const makeImage = () => {
      const encoder = new ImageEncoder({ height: 8, width: 8, patchSize: 4, dim: 8, heads: 2, seed: 1 });
      const cache = new FrozenPrefixCache({ store });
      return new FineTunedEncoder(encoder, { train: { kind: 'frozen' }, cache, seed: 1 });
    };
    run();
    for (const stored of [0, 2]) {
      const image = makeImage();
      const pixels = Uint8Array.from({ length: 2 * 192 }, (_, i) => (i * i) % 251);
      tidy(() => {
        image.forward(pixels);
      });
      expect(image.cache!.counts).toMatchObject({ stored });
      image.dispose();
    }
    expect(run().computed).toBe(0);
    expect(rowFiles()).toHaveLength(2);
  });
});

describe('FrozenPrefixFolder', () => {
  it('never reads a row that is not whole, wherever its file ends, and goes on from there', () => {
    const rows = open();
    for (let row = 0; row < 4; row++) rows.write(keyOf(row), valuesOf(row));
    rows.close();
    const [file] = rowFiles();
    const whole = readFileSync(file!);
    const ends = [8];
    for (let row = 0; row < 4; row++) ends.push(ends[row]! + 28 + 4 * valuesOf(row).length);
    expect(ends[4]).toBe(whole.length);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file!, whole);
      truncateSync(file!, length);
      const cut = open();
      for (let row = 0; row < 4; row++) {
        expect(cut.read(keyOf(row))).toEqual(ends[row + 1]! <= length ? valuesOf(row) : undefined);
      }
      cut.close();
    }
    const next = open(); // the last cut is one byte before the end
    next.write(keyOf(3), valuesOf(3));
    next.close();
    expect(rowFiles()).toHaveLength(1);
    expect(readFileSync(rowFiles()[0]!)).toEqual(whole);
  });

  it('never reads a damaged row', () => {
    const rows = open();
    for (let row = 0; row < 3; row++) rows.write(keyOf(row), valuesOf(row));
    rows.close();
    const [file] = rowFiles();
    const whole = readFileSync(file!);
    let lost = 0;
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      writeFileSync(file!, damaged);
      const again = open();
      for (let row = 0; row < 3; row++) {
        const values = again.read(keyOf(row));
        if (values === undefined) lost++;
        else expect(values).toEqual(valuesOf(row));
      }
      again.close();
    }
    expect(lost).toBeGreaterThanOrEqual(whole.length);
  });

  it('uses one file, run after run', () => {
    for (let row = 0; row < 5; row++) {
      const rows = open();
      if (row > 0) expect(rows.read(keyOf(row - 1))).toEqual(valuesOf(row - 1));
      rows.write(keyOf(row), valuesOf(row));
      for (let known = 0; known <= row; known++) expect(rows.read(keyOf(known))).toEqual(valuesOf(known));
      rows.close();
    }
    expect(rowFiles()).toHaveLength(1);
  });

  it('gives writers at the same time a file each', () => {
    const [first, second] = [open(), open()];
    first.write(keyOf(1), valuesOf(1));
    second.write(keyOf(2), valuesOf(2));
    first.write(keyOf(3), valuesOf(3));
    expect(rowFiles()).toHaveLength(2);
    for (const rows of [first, second]) rows.close();
    const all = open();
    expect([1, 2, 3].map((row) => all.read(keyOf(row)))).toEqual([1, 2, 3].map(valuesOf));
    all.close();
  });

  it('has the rows of several processes, and of one that was killed', SLOW, async () => {
    const start = (first: number, count: number) =>
      spawn(process.execPath, [PROGRAM, folder, String(first), String(count)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const killed = start(1000, 10_000_000);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const whole = [start(0, 600), start(300, 600)]; // half of the rows are the same
    await Promise.all(whole.map((child) => once(child, 'exit')));

    const rows = open();
    for (let row = 0; row < 900; row++) expect(rows.read(keyOf(row))).toEqual(valuesOf(row));
    for (let row = 1000; row < 1100; row++) expect(rows.read(keyOf(row))).toEqual(valuesOf(row));
    rows.close();

    // What is left is taken over: a killed process' file once it is so old that it cannot be another machine's.
    const files = rowFiles();
    for (const file of files) utimesSync(file, 0, 0);
    const writers = files.map(() => open());
    writers.forEach((each, i) => {
      each.write(keyOf(i), valuesOf(i));
    });
    const owners = rowFiles().map((file) => Number.parseInt(path.basename(file), 10));
    expect(owners).toEqual(files.map(() => process.pid));
    for (const each of writers) each.close();
  });

  it('warns and goes on where it cannot write, or is full', () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const blocked = new FrozenPrefixFolder(file, { onWarning }).open(layers);
    for (const row of [1, 2]) blocked.write(keyOf(row), valuesOf(row));
    expect(blocked.read(keyOf(1))).toBeUndefined();
    blocked.close();
    expect(warnings.map((message) => /cannot (read|write) rows/.exec(message)?.[1])).toEqual(['read', 'write']);

    warnings.length = 0;
    const full = open({ maxBytes: 100, onWarning });
    for (const row of [6, 13, 20]) full.write(keyOf(row), valuesOf(row)); // 28 bytes each, and a header
    expect(full.read(keyOf(6))).toEqual(valuesOf(6));
    expect(full.read(keyOf(20))).toBeUndefined();
    full.close();
    expect(warnings).toEqual([expect.stringMatching(/cannot write rows in .*: they take more than 100 bytes$/)]);
    expect(statSync(rowFiles()[0]!).size).toBeLessThanOrEqual(100);
  });

  it('refuses impossible arguments', () => {
    expect(() => new FrozenPrefixFolder(folder, { maxBytes: -1 })).toThrow('FrozenPrefixFolder: expected maxBytes');
    const rows = open();
    expect(() => rows.write('a', valuesOf(1))).toThrow("expected a key of 32 hexadecimal digits, got 'a'");
    rows.close();
  });
});
