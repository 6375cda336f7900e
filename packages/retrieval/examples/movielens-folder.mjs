// A folder of MMRec's form from MovieLens: `node examples/movielens-folder.mjs DATA MODEL OUT`, after a build.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { readInteractions, readItems } from '@sifaka/data/tables';
import { loadTextEncoder } from '@sifaka/encoders';
import { decodeImages, encodeTexts, openPretrained, PublishedTokenizer } from '@sifaka/encoders/node';
import { l2Normalize } from '@sifaka/nn';
import { tidy } from '@tensorflow/tfjs-core';

const HELP = `node examples/movielens-folder.mjs DATA MODEL OUT
DATA has movies.csv, ratings.csv, overviews.csv and posters/MOVIE.jpg. MODEL is a text model in Hugging Face's layout,
such as all-MiniLM-L6-v2. OUT gets movielens.inter, image_feat.npy and text_feat.npy.
A rating of 4 or more is an interaction. Users and movies with fewer than 5 are left out, until all have 5. The last
tenth of a user's interactions in time is for test, and the tenth before it for validation, at least one each.
text_feat.npy has the model's vectors of title, genres and overview, of length 1. image_feat.npy has the colours of the
poster, shrunk to 8 × 12 pixels, in deviations from their mean. A movie without a poster has a row of zeros.`;
const [LIKED, CORE, SHARE] = [4, 5, 0.1];
const POSTER = { width: 8, height: 12 };
const TEXT_LENGTH = 64;
const TEXTS_AT_A_TIME = 64;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
if (values.help || positionals.length !== 3) {
  console.log(HELP);
  process.exit(values.help ? 0 : 1);
}
const [dataFolder, model, out] = positionals;

const { interactions } = await readInteractions(path.join(dataFolder, 'ratings.csv'), { columns: { item: 'movieId' } });
const kept = keepCore(likedRows(interactions));
const movies = [...new Set(kept.map(({ item }) => item))].sort((a, b) => a - b);
const movieIds = movies.map((item) => interactions.itemIds[item]);
const texts = await textVectors(await describeMovies(movieIds));
const posters = await posterVectors(movieIds);

await mkdir(out, { recursive: true });
await writeFile(path.join(out, 'movielens.inter'), formatTable(splitByTime(kept)));
await writeFile(path.join(out, 'text_feat.npy'), formatNpy(texts));
await writeFile(path.join(out, 'image_feat.npy'), formatNpy(posters));
console.log(
  `${kept.length} interactions and ${movies.length} movies, ${posters.counts.missing} without a poster: ${out}`,
);

function likedRows({ users, items, ratings, timestamps }) {
  const rows = Array.from(users, (user, i) => ({ user, item: items[i], rating: ratings[i], time: timestamps[i] }));
  return rows.filter(({ rating }) => rating >= LIKED);
}

function keepCore(rows) {
  const [users, items] = ['user', 'item'].map((key) => countBy(rows, key));
  const left = rows.filter(({ user, item }) => users.get(user) >= CORE && items.get(item) >= CORE);
  return left.length === rows.length ? rows : keepCore(left);
}

function countBy(rows, key) {
  const counts = new Map();
  for (const row of rows) counts.set(row[key], (counts.get(row[key]) ?? 0) + 1);
  return counts;
}

function groupByUser(rows) {
  const groups = new Map();
  for (const row of rows) {
    const own = groups.get(row.user);
    if (own === undefined) groups.set(row.user, [row]);
    else own.push(row);
  }
  return groups;
}

/** Adds the part of each row: 0 train, 1 validation, 2 test. */
function splitByTime(rows) {
  return [...groupByUser(rows).values()].flatMap((own) => {
    const ordered = own.sort((a, b) => a.time - b.time || a.item - b.item);
    const held = Math.max(1, Math.floor(ordered.length * SHARE));
    return ordered.map((row, i) => ({ ...row, part: Math.max(0, 2 - Math.floor((ordered.length - 1 - i) / held)) }));
  });
}

function formatTable(rows) {
  const userOf = new Map([...new Set(rows.map(({ user }) => user))].map((user, i) => [user, i]));
  const itemOf = new Map(movies.map((item, i) => [item, i]));
  const lines = rows.map(({ user, item, rating, time, part }) => {
    return [userOf.get(user), itemOf.get(item), rating, time, part].join('\t');
  });
  return `${['userID\titemID\trating\ttimestamp\tx_label', ...lines].join('\n')}\n`;
}

async function describeMovies(ids) {
  const listed = await readItems(path.join(dataFolder, 'movies.csv'), { id: 'movieId', text: ['title', 'genres'] });
  const told = await readItems(path.join(dataFolder, 'overviews.csv'), { id: 'movieId', text: ['overview'] });
  const rowOf = new Map(listed.ids.map((id, i) => [id, i]));
  const overviewOf = new Map(told.ids.map((id, i) => [id, told.columns.overview[i]]));
  return ids.map((id) => {
    const { title, genres } = listed.columns;
    const row = rowOf.get(id);
    return [title[row], genres[row]?.replaceAll('|', ', '), overviewOf.get(id)].filter(Boolean).join('. ');
  });
}

async function textVectors(descriptions) {
  await useEngine();
  const files = await openPretrained(model);
  const tokenizer = await PublishedTokenizer.fromFiles(files);
  const { encoder } = await loadTextEncoder(files);
  const values = new Float32Array(descriptions.length * encoder.pooledDim);
  for (let start = 0; start < descriptions.length; start += TEXTS_AT_A_TIME) {
    const some = descriptions.slice(start, start + TEXTS_AT_A_TIME);
    const encoded = await encodeTexts(tokenizer, some, { maxLength: TEXT_LENGTH });
    values.set(
      tidy(() => l2Normalize(encoder.forward(encoded).pooled).dataSync()),
      start * encoder.pooledDim,
    );
  }
  const dim = encoder.pooledDim;
  encoder.dispose();
  return { rows: descriptions.length, dim, values };
}

async function posterVectors(ids) {
  const files = ids.map((id) => path.join(dataFolder, 'posters', `${id}.jpg`));
  const { pixels, status, counts } = await decodeImages(files, { size: POSTER });
  const dim = 3 * POSTER.width * POSTER.height;
  const values = new Float32Array(ids.length * dim);
  for (let j = 0; j < dim; j++) {
    const present = ids.map((_, i) => i).filter((i) => status[i] === 1);
    const column = present.map((i) => pixels[i * dim + j]);
    const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length);
    for (const i of present) values[i * dim + j] = (pixels[i * dim + j] - mean) / deviation;
  }
  return { rows: ids.length, dim, values, counts };
}

/** A numpy file of float32, version 1. */
function formatNpy({ rows, dim, values }) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1');
  return Buffer.concat([start, new Uint8Array(values.buffer)]);
}
