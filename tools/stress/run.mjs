// node tools/stress/run.mjs [--seed N] [--minutes M | --rounds K] [--kills N] [--inputs N] [kill|damage|mutate …]
import { loadSource } from './load-source.mjs';

const { main } = await loadSource('/src/main.ts');
process.exit(await main(process.argv.slice(2)));
