import { useEngine } from '@sifaka/backend';
import { BatchPlan, buildSamples, coldItems, parseInteractions, splitByTime } from '@sifaka/data';
import { buildRanker, type Catalogue, evaluate, historiesOf, lemur, TrainingStep } from '@sifaka/trainer/model';

await useEngine(); // WebAssembly on an ordinary page

// Events: userId,itemId,rating,timestamp
const csv = await (await fetch('/ratings.csv')).text();
const { interactions } = parseInteractions(csv);
const samples = buildSamples(interactions); // liked from 4 stars
const split = splitByTime(samples);
const cold = coldItems(samples, split);

// The canvas decodes and scales the images. These items have no texts.
const { itemIds } = interactions;
const size = itemIds.length;
const side = 32;
const canvas = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true })!;
const pixels = new Uint8Array(size * side * side * 3);
for (const [item, id] of itemIds.entries()) {
  const poster = await createImageBitmap(await (await fetch(`/posters/${id}.png`)).blob());
  canvas.drawImage(poster, 0, 0, side, side);
  const rgba = canvas.getImageData(0, 0, side, side).data;
  pixels.set(
    rgba.filter((_, index) => index % 4 < 3),
    item * side * side * 3,
  );
}
const none = { ids: new Int32Array(size), lengths: new Int32Array(size), maxLength: 1 };
const catalogue: Catalogue = {
  size,
  images: { pixels, height: side, width: side, present: new Uint8Array(size).fill(1) },
  documents: none,
  titles: none,
  vocabularySize: 4,
  format: { start: [2], between: [3], end: [], padding: 0, types: [0, 1] },
};

const options = lemur({
  dim: 16,
  content: { heads: 2 },
  sequences: { liked: { length: 8 }, disliked: { length: 8 } },
  optimizer: { learningRate: 5e-3, encoderLearningRate: 5e-3, tableLearningRate: 2e-2 }, // high, for few events
});
const model = buildRanker(options, { catalogue, numUsers: samples.numUsers });
const training = new TrainingStep(model);
const plan = new BatchPlan({ samples, indices: split.train, batchSize: 64, histories: historiesOf(options), seed: 1 });
for (let step = 0; step < 120; step++) {
  const { loss } = training.run(plan.batch(step), { step });
  document.title = `Step ${step}: loss ${loss.toFixed(3)}`;
  await new Promise((next) => setTimeout(next)); // lets the page draw
}
training.dispose();

const { logits, all } = evaluate(model, { samples, indices: split.test, cold });
document.body.append(`${logits.length} events scored, AUC ${all.auc.toFixed(3)}`);
