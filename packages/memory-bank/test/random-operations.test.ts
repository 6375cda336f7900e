import { coverageOf, MemoryBank } from '@sifaka/memory-bank';
import { seededRandom } from '@sifaka/nn';
import { expect, it } from 'vitest';

interface Entry {
  readonly vector: readonly number[];
  readonly step: number;
  readonly version: number;
}

const DIM = 3;
const NUM_IDS = 400;
/** Distant and adjacent ids, so that some collide in the index. */
const idOf = (n: number): number => (n % 2 === 0 ? n : n * 2 ** 20);

it('behaves like a plain Map over 100,000 random operations', () => {
  const random = seededRandom(11);
  const draw = (count: number) => Math.floor(random() * count);
  const drawIds = () => Array.from({ length: draw(5) }, () => idOf(draw(NUM_IDS)));
  const model = new Map<number, Entry>();
  let bank = new MemoryBank({ dim: DIM, initialCapacity: 2 });
  let operation = 0;
  // Throws, because a matcher per operation would take longer than the operations.
  const same = (what: string, got: unknown, expected: unknown) => {
    if (!Object.is(got, expected)) throw new Error(`operation ${operation}: ${what}: expected ${expected}, got ${got}`);
  };

  const operations = {
    write() {
      const ids = drawIds();
      const vectors = Float32Array.from({ length: ids.length * DIM }, () => 2 * random() - 1);
      const before = model.size;
      ids.forEach((id, i) => {
        const vector = Array.from(vectors.subarray(i * DIM, (i + 1) * DIM));
        model.set(id, { vector, step: operation, version: (model.get(id)?.version ?? 0) + 1 });
      });
      const { added, replaced } = bank.write(ids, vectors, operation);
      same('added', added, model.size - before);
      same('replaced', replaced, ids.length - added);
    },
    read() {
      const ids = drawIds();
      const { vectors, found, steps } = bank.read(ids);
      same('values', vectors.length, ids.length * DIM);
      ids.forEach((id, i) => {
        const entry = model.get(id);
        same('found', found[i], entry === undefined ? 0 : 1);
        same('step', steps[i], entry?.step ?? -1);
        for (let c = 0; c < DIM; c++) same('vector', vectors[i * DIM + c], entry?.vector[c] ?? 0);
      });
    },
    lookUp() {
      const id = idOf(draw(NUM_IDS));
      same('has', bank.has(id), model.has(id));
      same('version', bank.version(id), model.get(id)?.version ?? 0);
      same('size', bank.size, model.size);
      const ids = [...drawIds(), -1];
      same('coverage', coverageOf(bank, ids).share, ids.filter((x) => model.has(x)).length / (ids.length - 1));
    },
    remove() {
      const ids = draw(4) === 0 ? [...drawIds(), -1] : [];
      const before = model.size;
      for (const id of ids) model.delete(id);
      same('removed', bank.remove(ids), before - model.size);
    },
    refuse() {
      const vectors = new Float32Array(2 * DIM).fill(1);
      vectors[draw(2 * DIM)] = Number.NaN;
      try {
        bank.write([draw(NUM_IDS), draw(NUM_IDS)], vectors, operation);
      } catch {
        return;
      }
      throw new Error(`operation ${operation}: a NaN was stored`);
    },
    restart() {
      if (draw(200) === 0) bank = MemoryBank.from(bank.snapshot());
    },
  };
  const kinds = Object.values(operations);
  for (; operation < 100_000; operation++) kinds[draw(kinds.length)]!();

  expect(model.size).toBeGreaterThan(NUM_IDS / 2);
  const { ids, vectors, steps, versions } = bank.snapshot();
  const stored = Array.from(ids, (id, i) => {
    const vector = Array.from(vectors.subarray(i * DIM, (i + 1) * DIM));
    return [id, { vector, step: steps[i]!, version: versions[i]! }] as const;
  });
  expect(stored.length).toBe(model.size);
  expect(new Map(stored)).toEqual(model);
});
