// usage: exp2.mjs FOLDER JSON {name, ids, options, stats, wide, steps, every, batch}
import { useEngine } from '@sifaka/backend';
import { gatherStatistics } from '@sifaka/data';
import { evaluate, buildRanker, lemur, idOnly, twoStage, TrainingStep, train, statisticsColumns } from '@sifaka/trainer';
import { gauc } from '@sifaka/metrics';
import { loadMovieLens } from './dist/load-movielens.js';
import { movieAttributes } from './dist/movie-attributes.js';
import { readItems } from '@sifaka/data/tables';
import { existsSync, writeFileSync, appendFileSync } from 'node:fs';
const [folder, json] = process.argv.slice(2);
const cfg = JSON.parse(json);
await useEngine('tensorflow');
const data = await loadMovieLens({ folder, cacheFolder: '/work/exp/cache' });
const { samples, split, cold, catalogue } = data;
const movies = await readItems(folder + '/movies.csv', { id: 'movieId', text: ['title', 'genres'] });
const overviews = await readItems(folder + '/overviews.csv', { id: 'movieId', text: ['overview'] });
const ov = new Map(overviews.ids.map((id, i) => [id, overviews.columns.overview[i]]));
const at = new Map(movies.ids.map((id, i) => [id, i]));
const attributes = movieAttributes(samples.itemIds.map((id) => { const i = at.get(id); return { title: movies.columns.title[i], genres: movies.columns.genres[i], overview: ov.get(id) }; }));
let t = performance.now();
const statistics = gatherStatistics(samples, attributes);
console.log('statistics', statistics.width, ((performance.now() - t) / 1000).toFixed(1) + ' s');
const base = cfg.ids ? idOnly : cfg.two ? twoStage : lemur;
const options = base({ seed: cfg.seed ?? 1 }, cfg.options ?? {}, cfg.stats === false ? {} : { statistics: { columns: statisticsColumns(statistics, split.train), wide: cfg.wide ?? true } });
if (cfg.permute) {
  // another item's content
  let s = 12345; const rnd = () => ((s = (s * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
  const p = Array.from({ length: samples.numItems }, (_, i) => i); for (let i = p.length - 1; i > 0; i--) { const j = Math.floor(rnd() * i); [p[i], p[j]] = [p[j], p[i]]; }
  const im = catalogue.images, per = im.height * im.width * 3; const px = im.pixels.slice(), pr = im.present.slice();
  p.forEach((from, i) => { px.set(im.pixels.subarray(from * per, from * per + per), i * per); pr[i] = im.present[from]; });
  const col = (c) => { const ids = c.ids.slice(), lengths = c.lengths.slice(); p.forEach((from, i) => { ids.set(c.ids.subarray(from * c.maxLength, (from + 1) * c.maxLength), i * c.maxLength); lengths[i] = c.lengths[from]; }); return { ids, lengths, maxLength: c.maxLength }; };
  catalogue.images.pixels.set(px); catalogue.images.present.set(pr);
  for (const k of ['documents', 'titles']) { const c = col(catalogue[k]); catalogue[k].ids.set(c.ids); catalogue[k].lengths.set(c.lengths); }
}
const model = buildRanker(options, { catalogue, numUsers: samples.numUsers });
const training = new TrainingStep(model);
const byVisit = (logits, indices, pick) => {
  const idx = [...indices.keys()].filter((k) => pick(indices[k]));
  const l = Float32Array.from(idx, (k) => logits[k]), y = Float32Array.from(idx, (k) => samples.labels[indices[k]]);
  const key = new Map(); const g = Int32Array.from(idx, (k) => { const s = samples.users[indices[k]] + ':' + samples.timestamps[indices[k]]; if (!key.has(s)) key.set(s, key.size); return key.get(s); });
  const u = Int32Array.from(idx, (k) => samples.users[indices[k]]);
  return `user ${gauc(l, y, u, { variant: 'bySamples' }).value.toFixed(4)} visit ${gauc(l, y, g, { variant: 'bySamples' }).value.toFixed(4)} / ${gauc(l, y, g, { variant: 'mean' }).value.toFixed(4)}`;
};
const show = (label, part, step) => { const e = evaluate(model, { samples, indices: part, cold, statistics }); console.log(cfg.name, label, step, 'AUC', e.all.auc.toFixed(4), byVisit(e.logits, part, () => true), '| cold', byVisit(e.logits, part, (s) => cold[samples.items[s]] === 1)); return e; };
const t0 = performance.now(); let ms = 0;
await train(training, { samples, split, cold, statistics, steps: cfg.steps ?? 1200, batchSize: cfg.batch ?? 256, evaluateEvery: cfg.every ?? 300,
  onStep: (p) => { ms = (performance.now() - t0) / p.step; },
  onValidation: ({ step, auc, gauc, coldAuc }) => { console.log(cfg.name, 'step', step, 'val AUC', auc.toFixed(4), 'GAUC', gauc.toFixed(4), 'cold', coldAuc?.toFixed(4), ms.toFixed(0) + ' ms/step'); if (cfg.testEach) show('test@', split.test, step); } });
show('VAL', split.validation, 'best'); const e = show('TEST', split.test, 'best');
if (cfg.logits) writeFileSync(cfg.logits, Buffer.from(e.logits.buffer));
if (cfg.dump) { const ids = Int32Array.from({ length: samples.numItems }, (_, i) => i); writeFileSync(cfg.dump + '.f32', Buffer.from(model.encode(ids).buffer)); writeFileSync(cfg.dump + '.ids', samples.itemIds.join('\n')); }
