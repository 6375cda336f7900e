// EM3's public experiment on a folder of MMRec's form: `node examples/compare.mjs FOLDER [OPTION …]`, after a build.
import { parseArgs } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { compareRetrieval, formatComparison } from '@sifaka/retrieval';
import { readMmrecFolder } from '@sifaka/retrieval/mmrec';

const HELP = `node examples/compare.mjs FOLDER [--engine NAME] [--models bprMf,vbpr,lightGcn,freedom,em3]
  [--seeds 1,2,3] [--epochs N] [--patience N]
Without --models, each model runs once with its defaults. With --grid, EM3 runs with the eight options of its grid.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'auto' },
    models: { type: 'string', default: 'bprMf,vbpr,lightGcn,freedom,em3' },
    seeds: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '1000' },
    patience: { type: 'string', default: '20' },
    grid: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (values.help || folder === undefined) {
  console.log(HELP);
  process.exit(values.help ? 0 : 1);
}

await useEngine(values.engine);
const { name, data } = await readMmrecFolder(folder);
const widths = Object.entries(data.features).map(([modality, { dim }]) => `${modality} ${dim}`);
console.log(`${name}: ${data.numUsers} users, ${data.numItems} items, ${data.train.items.length} train interactions,`);
console.log(`features: ${widths.join(', ') || 'none'}; left out: ${JSON.stringify(data.facts)}\n`);

const models = values.models.split(',').flatMap((kind) => (kind === 'em3' && values.grid ? em3Grid() : [{ kind }]));
const comparison = await compareRetrieval(data, {
  models,
  seeds: values.seeds.split(',').map(Number),
  training: { maxEpochs: Number(values.epochs), patience: Number(values.patience) },
  onRun: ({ options, seed, epochs, bestEpoch, validation, test }) => {
    const recalls = `validation R@20 ${validation.recall20.toFixed(4)}, test R@20 ${test.recall20.toFixed(4)}`;
    console.log(`${JSON.stringify(options)}, seed ${seed}: ${epochs} epochs, best ${bestEpoch}: ${recalls}`);
  },
});
console.log(`\n${formatComparison(comparison, name)}`);

function em3Grid() {
  const grid = [];
  for (const dropout of [0.5, 0.8]) {
    for (const temperature of [2, 10]) {
      for (const numQueries of [1, 2]) grid.push({ kind: 'em3', dropout, cic: { temperature }, numQueries });
    }
  }
  return grid;
}
